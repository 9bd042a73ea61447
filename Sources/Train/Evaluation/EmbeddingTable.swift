import Neural

/// Embeddings with the names of their samples.
struct EmbeddingTable {
  /// How a file names its samples.
  enum Names {
    /// Paths relative to the dataset's root, or with the dataset's name before.
    case paths([String])
    /// Sample ids.
    case ids([Int])
    /// All samples, in the order of their ids.
    case all
  }

  let rows: EmbeddingRows
  let names: Names
  /// The rule that the file contains; `nil` if it has none.
  var rule: ScoreRule?
}

/// Numbers in the bytes of a file, little-endian as in the memory of this machine.
enum Numbers {
  static func array<Number>(_ bytes: UnsafeRawBufferPointer, _ type: Number.Type) -> [Number] {
    let size = MemoryLayout<Number>.size
    return (0..<bytes.count / size).map {
      bytes.loadUnaligned(fromByteOffset: $0 * size, as: Number.self)
    }
  }

  static func floats(_ bytes: UnsafeRawBufferPointer) -> [Float] { array(bytes, Float.self) }
  static func doubles(_ bytes: UnsafeRawBufferPointer) -> [Double] { array(bytes, Double.self) }
}
