/// What a training did.
public struct TrainingSummary: Sendable, Equatable {
  /// The number of weights.
  public let parameters: Int
  /// Steps of this call over all its epochs.
  public let steps: Int
  /// The epoch of the first of them, from 1.
  public let firstEpoch: Int
  /// The time of the steps, without start-up, in seconds.
  public let seconds: Double
  /// What the sampler draws.
  public let unit: Recipe.Sampler.Unit
  /// How many of them a second over that time.
  public let unitsPerSecond: Double
  /// The mean loss over the steps of each epoch in this call, without weight decay.
  public let epochLosses: [Float]
  /// The mean weight decay over the same steps; empty where no layer asks for it.
  public let epochDecays: [Double]
}
