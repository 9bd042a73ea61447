/// The numbers activations are made of.
///
/// Weights, their gradients, the optimiser's memory, embeddings, sums and losses are 32-bit floats
/// whatever this is.
public enum Precision: String, Codable, Sendable, CaseIterable {
  /// 32-bit floats.
  case float32 = "f32"
  /// The upper half of a 32-bit float, rounded to the nearest: the same range, 8 bits of fraction.
  case bfloat16 = "bf16"

  /// How many bytes a number takes.
  var bytes: Int { self == .float32 ? 4 : 2 }
}
