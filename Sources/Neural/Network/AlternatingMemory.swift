/// The memory of the outputs of layers one over the other.
///
/// If the outputs are not kept, two memories alternate: a layer reads one and writes the other.
struct AlternatingMemory {
  /// The memory of each layer's output.
  let buffers: [FloatBuffer]

  /// Allocates memory.
  ///
  /// - Parameters:
  ///   - needs: the number of values of each output and their precision.
  ///   - isView: for each layer, whether its output is a view of its input in another shape.
  ///   - isKept: whether every output is kept.
  init(needs: [(count: Int, precision: Precision)], isView: [Bool], isKept: Bool) {
    var place = 0
    let places = isView.map { isView in
      if !isView { place += 1 }
      return isKept ? place : place % 2
    }
    var bytes: [Int: Int] = [:]
    for (need, place) in zip(needs, places) {
      bytes[place] = max(bytes[place] ?? 0, need.count * need.precision.bytes)
    }
    let memories = bytes.mapValues { FloatBuffer(count: ($0 + 3) / 4) }
    buffers = zip(needs, places).map { need, place in
      guard let memory = memories[place] else { preconditionFailure("every place has a memory") }
      return FloatBuffer(viewOf: memory, count: need.count, precision: need.precision)
    }
  }
}
