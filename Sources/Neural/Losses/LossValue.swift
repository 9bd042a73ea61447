internal import CKernels

/// What a step says of its loss: what the data give, and the weight decay beside it.
///
/// The sum of both is what training makes small.
public struct LossValue: Equatable, Sendable {
  /// The mean over what the step trains on, 0 or more.
  public var data: Float
  /// The sum over all weights of l2 w^2, as their layers ask for it; 0 without any.
  public var decay: Double
  /// The share of the terms that are more than 0, in 0...1; `nil` for a loss that mines nothing.
  public var activeFraction: Float?

  /// A loss of the data alone.
  ///
  /// - Parameters:
  ///   - data: the mean over what the step trains on.
  ///   - activeFraction: the share of the terms that are more than 0.
  public init(data: Float, activeFraction: Float? = nil) {
    self.data = data
    decay = 0
    self.activeFraction = activeFraction
  }
}

extension [Parameter] {
  /// The weight decay of the weights as they are: the sum of l2 w^2 over all that training moves, in
  /// double precision.
  ///
  /// Its gradient, 2 l2 w, is what ``Optimizer/update(_:step:rate:momentum:)`` adds. Weights without
  /// l2 are not read.
  public var decay: Double {
    reduce(0) { sum, parameter in
      guard parameter.isTrainable, parameter.l2 != 0 else { return sum }
      return sum
        + Double(parameter.l2)
        * ckernels_sum_of_squares(parameter.count, parameter.values.start)
    }
  }
}
