/// The statistics of the training images that a normalisation uses; empty if it uses none.
///
/// Pixels are on the scale 0...255. The normalisation of a sample depends on nothing else, so the
/// statistics are stored with the weights.
public struct InputStatistics: Equatable, Sendable, Codable {
  /// The values subtracted: one value, one per channel, or one per feature.
  public let mean: [Float]
  /// The divisors, one for each mean.
  ///
  /// A deviation of 0 means that the training images are all equal there; such a value becomes 0.
  public let deviation: [Float]
  /// The whitening matrix, `[features, features]`, symmetric; empty unless the normalisation is
  /// ZCA.
  public let whitening: [Float]

  /// No statistics.
  public static let none = InputStatistics(mean: [], deviation: [], whitening: [])

  init(mean: [Float], deviation: [Float], whitening: [Float]) {
    self.mean = mean
    self.deviation = deviation
    self.whitening = whitening
  }

  /// Creates statistics from stored tensors, by the names of ``tensors``.
  public init(tensors: [String: (shape: [Int], values: [Float])]) {
    mean = tensors["mean"]?.values ?? []
    deviation = tensors["deviation"]?.values ?? []
    whitening = tensors["whitening"]?.values ?? []
  }

  /// The statistics by name, to be stored.
  public var tensors: [String: (shape: [Int], values: [Float])] {
    var tensors: [String: (shape: [Int], values: [Float])] = [:]
    if !mean.isEmpty {
      tensors["mean"] = ([mean.count], mean)
      tensors["deviation"] = ([deviation.count], deviation)
    }
    if !whitening.isEmpty { tensors["whitening"] = ([mean.count, mean.count], whitening) }
    return tensors
  }

  /// Throws if the statistics belong to another normalisation or to inputs of another shape.
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

  /// Number of means of a normalisation.
  static func count(_ kind: InputNormalization, input: ActivationShape) -> Int {
    switch kind {
    case .unit, .raw, .symmetric, .fixedSymmetric: return 0
    case .localContrast: return 1
    case .zca: return input.count
    case .standardize:
      guard case .image(_, _, let channels) = input else { return input.count }
      return channels
    }
  }
}
