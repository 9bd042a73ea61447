/// A momentum that rises linearly, epoch by epoch, from a small value to that of the optimiser.
///
/// Source: Koch, Zemel and Salakhutdinov, Siamese Neural Networks for One-shot Image Recognition,
/// 2015, section 3.2.
public struct MomentumRamp: Codable, Equatable, Sendable {
  /// The momentum of the first epoch, in 0..<1.
  public let from: Float
  /// Number of epochs after which the momentum is that of the optimiser.
  public let epochs: Int

  /// Creates a ramp.
  ///
  /// - Parameters:
  ///   - from: the momentum of the first epoch.
  ///   - epochs: the number of epochs after which the momentum is that of the optimiser.
  public init(from: Float, epochs: Int) {
    self.from = from
    self.epochs = epochs
  }

  /// The momentum of a step: from + (final - from) min(epoch / epochs, 1), with epochs counted from
  /// 0.
  ///
  /// - Parameters:
  ///   - step: the number of steps done so far.
  ///   - stepsPerEpoch: the number of steps per epoch.
  ///   - optimizer: the optimiser whose momentum is the final one.
  /// - Returns: the momentum, in 0..<1.
  public func momentum(
    step: Int, stepsPerEpoch: Int, optimizer: OptimizerSpecification
  ) -> Float {
    let fraction = min(Double(step / stepsPerEpoch) / Double(epochs), 1)
    return Float(Double(from) + (Double(optimizer.momentum ?? 0) - Double(from)) * fraction)
  }

  /// Throws if an option is invalid or the optimiser has no momentum.
  ///
  /// - Parameter optimizer: the optimiser whose momentum is the final one.
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  public func check(_ optimizer: OptimizerSpecification) throws(NeuralError) {
    func refuse(_ reason: String) -> NeuralError {
      .badOption(what: "momentum-ramp", reason: reason)
    }
    guard (0..<1).contains(from), epochs >= 1 else {
      throw refuse("from must be in 0..<1 and epochs 1 or more")
    }
    guard optimizer.momentum != nil else {
      throw refuse(
        "it ends at the momentum of sgd: take optimizer: {sgd: {rate: 0.01, momentum: 0.9}}")
    }
  }
}
