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

  /// The score of the two images.
  public let score: Float
  /// The output of each layer for the first image.
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
    let normalizer = try InputNormalizer(
      recipe.normalization ?? .unit, input: recipe.inputShape, rows: 2,
      statistics: network.statistics)
    (left + right).withUnsafeBufferPointer { bytes in
      guard let first = bytes.baseAddress else { return }
      normalizer.normalize(first, rows: 2, to: tower.input.start)
    }
    try tower.forward(.inference)
    let length = tower.embeddingLength
    let values = Array(UnsafeBufferPointer(start: tower.embeddings.start, count: 2 * length))
    let (one, other) = (Array(values[..<length]), Array(values[length...]))
    let compared = network.project(EmbeddingRows(values: values, length: length))
    score = network.rule.scores(compared, pairs: [(left: 0, right: 1)])[0]
    layers = tower.descriptions.enumerated().map { index, description in
      LayerOutput(
        name: description.name, shape: description.output,
        values: tower.output(ofLayer: index, row: 0))
    }
    var gradient = network.rule.gradient(Array(compared.row(0)), Array(compared.row(1)))
    if let learned = network.learned {
      gradient = (
        learned.gradient(of: one, gradient.left), learned.gradient(of: other, gradient.right)
      )
    }
    let input = try tower.inputGradient(embeddingGradient: gradient.left + gradient.right)
    self.gradient = Array(input[..<tower.inputShape.count])
  }
}
