/// Which of two memories receives the gradient of each layer's input: they are taken in turn from the
/// top down, and the same one again below a layer whose output is a view of its input.
struct GradientPlan {
  /// How many bytes each of the two has.
  let bytes: [Int]
  private let places: [Int]

  init(needs: [(count: Int, precision: Precision)], isView: [Bool]) {
    var place = 0
    let places = needs.indices.reversed().map { index in
      // The gradient that comes from above the last layer is in neither.
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

  /// The memories, seen as each layer's numbers.
  func buffers(_ needs: [(count: Int, precision: Precision)]) -> [FloatBuffer] {
    let memories = bytes.map { FloatBuffer(count: ($0 + 3) / 4) }
    return zip(needs, places).map { need, place in
      FloatBuffer(viewOf: memories[place], count: need.count, precision: need.precision)
    }
  }
}
