internal import CKernels

/// An exponential moving average of all weights, which replaces them in evaluations.
///
/// Source: Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging, 1992; the
/// exponential form with a shorter memory in the first steps is that of TensorFlow's
/// `ExponentialMovingAverage`.
public struct WeightAveraging: Codable, Equatable, Sendable {
  /// The fraction of the average that a step keeps, in 0..<1.
  public let decay: Float

  /// Creates an average that keeps the fraction `decay` at each step.
  public init(decay: Float) {
    self.decay = decay
  }

  /// The fraction that step `step`, from 1, keeps: the smaller of ``decay`` and
  /// (1 + step) / (10 + step), so that the first weights do not count for long.
  public func decay(step: Int) -> Float {
    min(decay, Float(1 + step) / Float(10 + step))
  }

  /// Throws if the decay is not in 0..<1.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  public func check() throws(NeuralError) {
    guard (0..<1).contains(decay) else {
      throw .badOption(what: "weight-averaging", reason: "decay must be in 0..<1")
    }
  }
}

/// The averages of the weights of a training, running means of batch normalisation among them.
///
/// A class because it owns their memory.
public final class AveragedWeights {
  /// The averages, with the names and shapes of the weights.
  public let parameters: [Parameter]
  private let rule: WeightAveraging
  private let weights: [Parameter]
  private let spare: FloatBuffer

  /// Begins with the weights as they are.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  public init(_ rule: WeightAveraging, of weights: [Parameter]) throws(NeuralError) {
    try rule.check()
    self.rule = rule
    self.weights = weights
    parameters = weights.map {
      Parameter(name: $0.name, shape: $0.shape, isTrainable: false, hasGradient: false)
    }
    spare = FloatBuffer(count: weights.map(\.count).max() ?? 0)
    begin()
  }

  /// Makes every average equal to its weight.
  public func begin() {
    for (average, weight) in zip(parameters, weights) {
      average.values.start.update(from: weight.values.start, count: weight.count)
    }
  }

  /// Adds the weights after a step, from 1: a = d a + (1 - d) w.
  public func update(step: Int) {
    let share = 1 - rule.decay(step: step)
    for (average, weight) in zip(parameters, weights) {
      ckernels_average(weight.count, share, weight.values.start, average.values.start)
    }
  }

  /// Runs `body` with the averages in place of the weights.
  public func whileUsed<Result>(_ body: () throws -> Result) rethrows -> Result {
    exchange()
    defer { exchange() }
    return try body()
  }

  private func exchange() {
    for (average, weight) in zip(parameters, weights) {
      let count = weight.count
      spare.start.update(from: weight.values.start, count: count)
      weight.values.start.update(from: average.values.start, count: count)
      average.values.start.update(from: spare.start, count: count)
      weight.change()
    }
  }
}
