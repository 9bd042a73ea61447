/// A softmax over all identities with a margin, whose scores are cosines of embeddings.
protocol SoftmaxLoss: LossKind {
  /// Whether the margin is added to the angle instead of subtracted from the cosine.
  static var isAngular: Bool { get }
  /// The default margin.
  static var defaultMargin: Float { get }
  /// The valid margins.
  static var margins: Range<Float> { get }

  /// The options.
  var options: MarginSoftmaxOptions { get }

  init(options: MarginSoftmaxOptions)
}

extension SoftmaxLoss {
  package static var optionNames: [String]? {
    MarginSoftmaxOptions.CodingKeys.allCases.map(\.rawValue)
  }

  var targets: LossTargets { .classes }
  var distance: Distance? { .cosine }

  init(from decoder: any Decoder) throws {
    self.init(options: try MarginSoftmaxOptions(from: decoder))
  }

  func encode(to encoder: any Encoder) throws { try options.encode(to: encoder) }

  func check() throws(NeuralError) { try options.check(Self.name, margins: Self.margins) }

  func makeFunction(_ context: LossContext) throws(NeuralError) -> any LossFunction {
    try makeHead(classes: context.classes, length: context.length, seed: context.seed)
  }

  /// Creates the head over `classes` identities.
  func makeHead(classes: Int, length: Int, seed: Int) throws(NeuralError) -> ClassificationHead {
    try check()
    return try ClassificationHead(
      options, name: Self.name, margin: options.margin ?? Self.defaultMargin,
      isAngular: Self.isAngular, classes: classes, length: length, seed: seed)
  }
}
