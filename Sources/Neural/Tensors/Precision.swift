/// The number format of activations.
///
/// Weights, their gradients, the optimiser's memory, embeddings, sums and losses are always 32-bit
/// floats.
public enum Precision: String, Codable, Sendable, CaseIterable {
  /// 32-bit floats.
  case float32 = "f32"
  /// The upper half of a 32-bit float, rounded to nearest: the same range, 8 bits of fraction.
  case bfloat16 = "bf16"

  /// Number of bytes per value.
  var bytes: Int { self == .float32 ? 4 : 2 }
}
