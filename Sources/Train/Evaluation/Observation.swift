import Neural

/// What a network makes of two images: the output of each layer, and the change of their score with
/// each pixel.
public struct Observation: Sendable {
  /// The output of a layer for the first image.
  public struct LayerOutput: Sendable {
    /// The layer's name.
    public let name: String
    /// The shape of the output.
    public let shape: ActivationShape
    /// The output, in the order row, column, channel.
    public let values: [Float]
  }

  /// The score of the two images, which averages the embeddings of mirror images if the recipe does.
  public let score: Float
  /// The output of each layer for the first image, not mirrored.
  public let layers: [LayerOutput]
  /// The derivative of the score with respect to each value of the first image's normalised pixels,
  /// `[height, width, channel]`.
  public let gradient: [Float]

  /// Observes the network of a run.
  ///
  /// - Parameters:
  ///   - folder: the run's folder.
  ///   - recipe: the run's recipe.
  ///   - left: the pixels of the image that is observed.
  ///   - right: the pixels of the image that it is compared with.
  /// - Throws: ``TrainError``.
  public init(run folder: RunFolder, recipe: Recipe, left: [UInt8], right: [UInt8]) throws {
    let network = try InferenceNetwork(
      run: folder, recipe: recipe, rows: 2, isObserved: true)
    let tower = network.tower
    let length = tower.embeddingLength
    let pass = try Pass(network, recipe: recipe, pixels: left + right)
    var values = try pass.embeddings(isMirrored: false)
    layers = tower.descriptions.enumerated().map { index, description in
      LayerOutput(
        name: description.name, shape: description.output,
        values: tower.output(ofLayer: index, row: 0))
    }
    if network.averagesFlips {
      values = zip(values, try pass.embeddings(isMirrored: true)).map { ($0 + $1) / 2 }
    }
    let (one, other) = (Array(values[..<length]), Array(values[length...]))
    let compared = network.project(EmbeddingRows(values: values, length: length))
    score = network.rule.scores(compared, pairs: [(left: 0, right: 1)])[0]
    var slopes = network.rule.gradient(Array(compared.row(0)), Array(compared.row(1)))
    if let learned = network.learned {
      slopes = (learned.gradient(of: one, slopes.left), learned.gradient(of: other, slopes.right))
    }
    let ofEmbeddings = slopes.left + slopes.right
    guard network.averagesFlips else {
      gradient = try pass.gradient(ofEmbeddings)
      return
    }
    // The last pass was that of the mirror images.
    let half = ofEmbeddings.map { $0 / 2 }
    let mirrored = Self.mirrored(try pass.gradient(half), tower.inputShape)
    _ = try pass.embeddings(isMirrored: false)
    gradient = zip(try pass.gradient(half), mirrored).map(+)
  }

  /// The values of an image with its columns in the other order.
  private static func mirrored(_ values: [Float], _ shape: ActivationShape) -> [Float] {
    guard case .image(_, let width, let channels) = shape else { return values }
    return values.indices.map { place in
      let (pixel, channel) = place.quotientAndRemainder(dividingBy: channels)
      let (row, column) = pixel.quotientAndRemainder(dividingBy: width)
      return values[(row * width + width - 1 - column) * channels + channel]
    }
  }

  /// Passes of two images through a tower.
  private struct Pass {
    private let tower: Tower
    private let normalizer: InputNormalizer
    private let pixels: [UInt8]

    init(_ network: InferenceNetwork, recipe: Recipe, pixels: [UInt8]) throws {
      tower = network.tower
      normalizer = try InputNormalizer(
        recipe.normalization ?? .unit, input: recipe.inputShape, rows: 2,
        statistics: network.statistics)
      self.pixels = pixels
    }

    /// The embeddings of the images or of their mirror images, `[2, length]`.
    func embeddings(isMirrored: Bool) throws -> [Float] {
      var pixels = pixels
      pixels.withUnsafeMutableBufferPointer { bytes in
        guard let first = bytes.baseAddress else { return }
        if isMirrored { tower.inputShape.mirror(first, rows: 2) }
        normalizer.normalize(first, rows: 2, to: tower.input.start)
      }
      try tower.forward(.inference)
      return Array(
        UnsafeBufferPointer(start: tower.embeddings.start, count: 2 * tower.embeddingLength))
    }

    /// The gradient of the first image of the last pass.
    func gradient(_ ofEmbeddings: [Float]) throws -> [Float] {
      Array(try tower.inputGradient(embeddingGradient: ofEmbeddings)[..<tower.inputShape.count])
    }
  }
}
