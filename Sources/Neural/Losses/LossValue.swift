/// The loss of a step: the loss of the data, and the weight decay separately.
///
/// Training minimises the sum of both.
public struct LossValue: Equatable, Sendable {
  /// The mean over the samples of the step, 0 or more.
  public var data: Float
  /// The sum over all weights of l2 w^2, with the l2 of their layers; 0 without any.
  public var decay: Double
  /// The fraction of the terms that are greater than 0, in 0...1; `nil` for a loss that does not
  /// mine.
  public var activeFraction: Float?

  /// Creates a loss of the data alone.
  ///
  /// - Parameters:
  ///   - data: the mean over the samples of the step.
  ///   - activeFraction: the fraction of the terms that are greater than 0.
  public init(data: Float, activeFraction: Float? = nil) {
    self.data = data
    decay = 0
    self.activeFraction = activeFraction
  }
}
