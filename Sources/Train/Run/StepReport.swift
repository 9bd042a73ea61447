import Foundation
import Neural
import Shards

/// What a training says of itself as it goes.
public struct StepReport: Codable, Sendable, Equatable {
  /// The step, from 1, over all epochs.
  public let step: Int
  /// The epoch, from 1.
  public let epoch: Int
  /// The mean loss over what the step trained on, without weight decay.
  public let loss: Float
  /// The weight decay beside it, the sum of l2 w^2; `nil` where no layer asks for it.
  public let weightDecay: Double?
  /// The share of the triplets looked at whose term is more than 0; `nil` for other losses.
  public let activeFraction: Float?
  /// Pairs a second since the run began or went on; `nil` where samples are drawn.
  public let pairsPerSecond: Double?
  /// Samples a second since the run began or went on; `nil` where pairs are drawn.
  public let samplesPerSecond: Double?

  init(
    step: Int, epoch: Int, value: LossValue, rate: Double, unit: Recipe.Sampler.Unit
  ) {
    self.step = step
    self.epoch = epoch
    loss = value.data
    weightDecay = value.decay == 0 ? nil : value.decay
    activeFraction = value.activeFraction
    let rate = (rate * 10).rounded() / 10
    pairsPerSecond = unit == .pairs ? rate : nil
    samplesPerSecond = unit == .samples ? rate : nil
  }
}
