/// Whether a pass trains, and where in the run it stands.
public enum Pass: Equatable, Sendable {
  /// No dropout.
  case inference
  /// Dropout drawn from the run's seed at this step.
  case training(seed: Int, step: Int)
}
