/// The assignment of the gradients of the layers' inputs to two memories.
///
/// They alternate from the last layer to the first; a layer whose output is a view of its input
/// keeps the memory of the layer above.
struct GradientPlan {
  /// Number of bytes of each memory.
  let bytes: [Int]
  private let places: [Int]

  init(needs: [(count: Int, precision: Precision)], isView: [Bool]) {
    var place = 0
    let places = needs.indices.reversed().map { index in
      // The gradient that the last layer receives is in neither memory.
      if !isView[index] || index == needs.count - 1 { place = 1 - place }
      return place
    }
    self.places = places.reversed()
    var bytes = [0, 0]
    for (need, place) in zip(needs, self.places) {
      bytes[place] = max(bytes[place], need.count * need.precision.bytes)
    }
    self.bytes = bytes
  }

  /// Allocates the memories and returns a view for each layer.
  func buffers(_ needs: [(count: Int, precision: Precision)]) -> [FloatBuffer] {
    let memories = bytes.map { FloatBuffer(count: ($0 + 3) / 4) }
    return zip(needs, places).map { need, place in
      FloatBuffer(viewOf: memories[place], count: need.count, precision: need.precision)
    }
  }
}
