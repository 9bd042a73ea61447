/// Whether a pass trains, and its position in the run.
public enum Pass: Equatable, Sendable {
  /// No dropout.
  case inference
  /// Dropout drawn from the run's seed at this step.
  case training(seed: Int, step: Int)
}
