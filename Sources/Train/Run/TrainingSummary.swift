/// The result of a training.
public struct TrainingSummary: Sendable, Equatable {
  /// The number of weights.
  public let parameters: Int
  /// Number of steps of this call in all its epochs.
  public let steps: Int
  /// The epoch of the first of these steps, from 1.
  public let firstEpoch: Int
  /// The time of the steps, without start-up, in seconds.
  public let seconds: Double
  /// The unit that the sampler draws.
  public let unit: Recipe.Sampler.Unit
  /// Number of units per second over that time.
  public let unitsPerSecond: Double
  /// The mean loss over the steps of each epoch in this call, without weight decay.
  public let epochLosses: [Float]
  /// The mean weight decay over the same steps; empty if no layer uses it.
  public let epochDecays: [Double]
  /// Whether the recipe's patience ran out before the last epoch, in this call or an earlier one.
  public let hasStoppedEarly: Bool
  /// What the exchanges with the other processes of the training have cost; `nil` if it was alone.
  public let communication: Communication?

  /// The cost of a training on several processes, as rank 0 measured it.
  public struct Communication: Sendable, Equatable {
    /// Number of processes.
    public let ranks: Int
    /// Seconds in which an exchange was running, beside the computation or alone.
    public let seconds: Double
    /// Seconds in which the network waited for an exchange or for a slower process.
    public let waitedSeconds: Double
    /// Number of bytes that the process sent in a step, with embeddings.
    public let bytesPerStep: Int
    /// Number of bytes that a ring allreduce of the gradients sends: 2 (ranks - 1) / ranks times those
    /// of the gradients.
    public let ringBytesPerStep: Int
  }
}
