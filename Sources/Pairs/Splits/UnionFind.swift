/// A union-find structure; the smallest element of a group represents it.
struct UnionFind {
  private var parents: [Int: Int] = [:]

  /// The smallest element of the group.
  mutating func leader(_ element: Int) -> Int {
    var root = element
    while let parent = parents[root] { root = parent }
    // Path compression.
    var step = element
    while let parent = parents[step], parent != root {
      parents[step] = root
      step = parent
    }
    return root
  }

  /// Merges two groups.
  mutating func join(_ one: Int, _ other: Int) {
    let (first, second) = (leader(one), leader(other))
    if first != second { parents[max(first, second)] = min(first, second) }
  }
}
