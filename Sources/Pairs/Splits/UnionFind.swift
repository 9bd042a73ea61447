/// Which things belong together, from pairs that do; the smallest of a group stands for it.
struct UnionFind {
  private var parents: [Int: Int] = [:]

  /// The smallest of the group.
  mutating func leader(_ element: Int) -> Int {
    var root = element
    while let parent = parents[root] { root = parent }
    // The way is shortened for the next time.
    var step = element
    while let parent = parents[step], parent != root {
      parents[step] = root
      step = parent
    }
    return root
  }

  /// Puts two groups together.
  mutating func join(_ one: Int, _ other: Int) {
    let (first, second) = (leader(one), leader(other))
    if first != second { parents[max(first, second)] = min(first, second) }
  }
}
