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
  ///
  /// If the recipe averages mirror images, it is the sum of the derivatives for both normalised images,
  /// that of the mirror image mirrored back. Whitening (`zca`) normalises a mirror image otherwise.
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
    let (tower, length) = (network.tower, network.tower.embeddingLength)
    let input = try PixelInput(network, rows: 2)
    func read(isMirrored: Bool) { input.write(left + right, rows: 2, isMirrored: isMirrored) }
    let values = try tower.embeddings(
      rows: 2, averagesFlips: network.averagesFlips, read: read(isMirrored:))
    let (one, other) = (Array(values[..<length]), Array(values[length...]))
    let compared = network.project(EmbeddingRows(values: values, length: length))
    score = network.rule.scores(compared, pairs: [(left: 0, right: 1)])[0]
    var slopes = network.rule.gradient(Array(compared.row(0)), Array(compared.row(1)))
    if let learned = network.learned {
      slopes = (learned.gradient(of: one, slopes.left), learned.gradient(of: other, slopes.right))
    }
    var ofEmbeddings = slopes.left + slopes.right
    var mirrored: [Float]?
    if network.averagesFlips {
      // The last pass was that of the mirror images; each of the two has half of the mean.
      ofEmbeddings = ofEmbeddings.map { $0 / 2 }
      mirrored = Self.mirrored(
        try tower.inputGradient(embeddingGradient: ofEmbeddings), tower.inputShape)
      read(isMirrored: false)
      try tower.forward(.inference)
    }
    layers = tower.descriptions.enumerated().map { index, description in
      LayerOutput(
        name: description.name, shape: description.output,
        values: tower.output(ofLayer: index, row: 0))
    }
    let plain = try tower.inputGradient(embeddingGradient: ofEmbeddings)
    gradient = (0..<tower.inputShape.count).map { plain[$0] + (mirrored?[$0] ?? 0) }
  }

  /// The values of the first image with its columns in the other order.
  private static func mirrored(_ values: [Float], _ shape: ActivationShape) -> [Float] {
    guard case .image(_, let width, let channels) = shape else { return values }
    return (0..<shape.count).map { place in
      let (pixel, channel) = place.quotientAndRemainder(dividingBy: channels)
      let (row, column) = pixel.quotientAndRemainder(dividingBy: width)
      return values[(row * width + width - 1 - column) * channels + channel]
    }
  }
}
