import Neural
import Testing

extension Trait where Self == ConditionTrait {
  /// Skips a test where bf16 cannot be computed.
  ///
  /// `scripts/test` knows the reason by its first words: in CI, a test that is skipped for any other
  /// reason is a failure.
  static var needsBFloat16: Self {
    .enabled(if: Machine.hasBFloat16, "needs a processor with bf16")
  }
}
