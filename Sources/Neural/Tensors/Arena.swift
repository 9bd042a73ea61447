/// Working memory that the layers of a network use in turn.
///
/// A class because the layers share it. Layers reserve what they need when they are built; the memory
/// is allocated at first use.
final class Arena {
  /// Number of bytes.
  private(set) var bytes = 0
  private var memory: FloatBuffer?

  /// Makes the memory at least as large as `bytes`.
  func reserve(_ bytes: Int) {
    self.bytes = max(self.bytes, bytes)
  }

  /// The address of the memory, aligned to 64 bytes; its content is undefined.
  var start: UnsafeMutablePointer<Float> {
    if let memory, memory.bytes >= bytes { return memory.start }
    let new = FloatBuffer(count: (bytes + 3) / 4)
    memory = new
    return new.start
  }
}
