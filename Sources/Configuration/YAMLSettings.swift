internal import Yams

/// Values by dotted key that override those of a file.
enum YAMLSettings {
  /// Sets the values in the file.
  ///
  /// - Throws: ``YAMLFault`` for a key that is not in the file; it suggests the nearest one.
  static func apply(_ settings: [(key: String, value: String)], to node: inout Node) throws {
    for (key, value) in settings {
      try check(key, in: node)
      try set(value, at: key.split(separator: ".").map(String.init), key: key, in: &node)
    }
  }

  /// Rejects a key that is not in the file and suggests the nearest one.
  private static func check(_ key: String, in node: Node) throws {
    let known = leaves(of: node, at: "")
    guard !known.contains(where: { $0 == key || $0.hasPrefix(key + ".") }) else { return }
    // A key with nested keys is as likely to be meant as one with a single value.
    let named = Set(
      known.flatMap { leaf in
        let words = leaf.split(separator: ".")
        return (1...max(1, words.count)).map { words.prefix($0).joined(separator: ".") }
      }
    ).sorted()
    let nearest = NearestName.nearest(to: key, among: named)
    throw YAMLFault(
      reason: "it has no \(key) to set; "
        + (nearest.map { "did you mean \($0)?" } ?? "put new keys into your own file"))
  }

  /// Returns the dotted keys of all scalar values.
  private static func leaves(of node: Node, at place: String) -> [String] {
    if let mapping = node.mapping {
      return mapping.flatMap { key, value in
        leaves(of: value, at: place + (place.isEmpty ? "" : ".") + (key.scalar?.string ?? ""))
      }
    }
    if let sequence = node.sequence {
      return sequence.enumerated().flatMap { leaves(of: $0.element, at: "\(place).\($0.offset)") }
    }
    return [place]
  }

  private static func set(
    _ value: String, at path: [String], key: String, in node: inout Node
  ) throws {
    guard let first = path.first else { return }
    if let place = Int(first), let sequence = node.sequence, sequence.indices.contains(place) {
      var child = sequence[place]
      try set(value, at: Array(path.dropFirst()), key: key, in: &child)
      node.sequence?[place] = child
      return
    }
    guard var child = node.mapping?[Node(first)] else {
      throw YAMLFault(reason: "it has no \(key) to set; put new keys into your own file")
    }
    if path.count == 1 {
      guard child.scalar != nil else {
        throw YAMLFault(reason: "\(key) is not a single value")
      }
      child = Node(value)
    } else {
      try set(value, at: Array(path.dropFirst()), key: key, in: &child)
    }
    node.mapping?[Node(first)] = child
  }
}
