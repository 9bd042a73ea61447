import Foundation
import Neural
import Shards

/// The measurements of one training step.
public struct StepReport: Codable, Sendable, Equatable {
  /// The step, from 1, over all epochs.
  public let step: Int
  /// The epoch, from 1.
  public let epoch: Int
  /// The mean loss over the pairs or samples of the step, without weight decay.
  public let loss: Float
  /// The weight decay, the sum of l2 w^2; `nil` if no layer uses it.
  public let weightDecay: Double?
  /// The fraction of the mined triplets whose term is greater than 0; `nil` for other losses.
  public let activeFraction: Float?
  /// Pairs per second since the run started or resumed; `nil` if samples are drawn.
  public let pairsPerSecond: Double?
  /// Samples per second since the run started or resumed; `nil` if pairs are drawn.
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
