internal import CKernels

/// RMSprop: v = rho v + (1 - rho) g^2; w = w - rate g / sqrt(v + epsilon), as Keras 3 computes it.
///
/// Source: Hinton's lecture 6e, 2012; Keras 3, `RMSprop`.
public final class RMSProp {
  /// The learning rate.
  public var rate: Float
  private let rho: Float
  private let epsilon: Float
  private var velocities: [String: FloatBuffer] = [:]

  /// An optimiser without memory of gradients.
  public init(rate: Float, rho: Float, epsilon: Float) throws(NeuralError) {
    guard rate > 0, (0..<1).contains(rho), epsilon > 0 else {
      throw .badOption(
        what: "rmsprop", reason: "rate and epsilon must be more than 0, rho in 0..<1")
    }
    self.rate = rate
    self.rho = rho
    self.epsilon = epsilon
  }

  /// Moves every parameter along its gradient.
  public func update(_ parameters: [Parameter]) {
    for parameter in parameters {
      let velocity = velocities[parameter.name] ?? FloatBuffer(count: parameter.count)
      velocities[parameter.name] = velocity
      ckernels_rmsprop(
        parameter.count, rate, rho, epsilon, parameter.gradient.start, velocity.start,
        parameter.values.start)
    }
  }

  /// The memory of gradients by parameter, as a checkpoint keeps it.
  public var state: [String: [Float]] {
    velocities.mapValues(\.values)
  }

  /// Takes up the memory of a checkpoint.
  public func restore(_ state: [String: [Float]]) {
    velocities = state.mapValues { FloatBuffer($0) }
  }
}
