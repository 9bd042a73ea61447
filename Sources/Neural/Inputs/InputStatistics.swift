/// What a normalisation knows of the training images; empty for one that needs nothing.
///
/// Pixels count 0...255. Nothing else than these numbers decides what a sample becomes, so they are
/// kept with the weights.
public struct InputStatistics: Equatable, Sendable {
  /// What is subtracted: one value, one a channel, or one a feature.
  public let mean: [Float]
  /// What the difference is divided by, as many values; 0 where the training images are all the
  /// same, which says nothing of others: such a value becomes 0.
  public let deviation: [Float]
  /// The whitening matrix, `[features, features]`, symmetric; empty for all but ZCA.
  public let whitening: [Float]

  /// No statistics.
  public static let none = InputStatistics(mean: [], deviation: [], whitening: [])

  init(mean: [Float], deviation: [Float], whitening: [Float]) {
    self.mean = mean
    self.deviation = deviation
    self.whitening = whitening
  }

  /// Statistics that were kept, by the names of ``tensors``.
  public init(tensors: [String: (shape: [Int], values: [Float])]) {
    mean = tensors["mean"]?.values ?? []
    deviation = tensors["deviation"]?.values ?? []
    whitening = tensors["whitening"]?.values ?? []
  }

  /// The statistics by name, to be kept.
  public var tensors: [String: (shape: [Int], values: [Float])] {
    var tensors: [String: (shape: [Int], values: [Float])] = [:]
    if !mean.isEmpty {
      tensors["mean"] = ([mean.count], mean)
      tensors["deviation"] = ([deviation.count], deviation)
    }
    if !whitening.isEmpty { tensors["whitening"] = ([mean.count, mean.count], whitening) }
    return tensors
  }

  /// Refuses statistics of another normalisation or of other inputs.
  func check(_ kind: InputNormalization, input: ActivationShape) throws(NeuralError) {
    let count = InputStatistics.count(kind, input: input)
    let square = kind == .zca ? count * count : 0
    guard mean.count == count, deviation.count == count, whitening.count == square else {
      throw .foreignWeights(
        reason: "\(kind.name) of \(input) needs means and deviations of length \(count) and a "
          + "matrix of \(square) values, and there are \(mean.count), \(deviation.count) and "
          + "\(whitening.count)")
    }
  }

  /// How many means a normalisation has.
  static func count(_ kind: InputNormalization, input: ActivationShape) -> Int {
    switch kind {
    case .unit, .symmetric, .fixedSymmetric: return 0
    case .localContrast: return 1
    case .zca: return input.count
    case .standardize:
      guard case .image(_, _, let channels) = input else { return input.count }
      return channels
    }
  }
}
