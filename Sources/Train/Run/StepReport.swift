import Neural

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

  init(step: Int, epoch: Int, value: LossValue) {
    self.step = step
    self.epoch = epoch
    loss = value.data
    weightDecay = value.decay == 0 ? nil : value.decay
    activeFraction = value.activeFraction
  }
}

/// What happens during a training, in order.
public enum TrainingEvent: Sendable {
  /// A step was done.
  case step(StepReport, rate: StepRate)
  /// The network was evaluated.
  case evaluation(ValidationReport)
  /// Something that may not be what the user wants.
  case warning(String)
  /// What is done beside steps and evaluations.
  case note(String)
}

/// The speed of a training since it started or resumed.
public struct StepRate: Sendable {
  /// Number of units per second.
  public let perSecond: Double
  /// The unit that the sampler draws.
  public let unit: Recipe.Sampler.Unit
}
