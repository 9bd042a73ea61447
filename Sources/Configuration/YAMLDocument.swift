internal import Yams

/// A YAML file that is changed before it is decoded: parts of it may come from other files.
package struct YAMLDocument {
  var node: Node

  init(_ node: Node) { self.node = node }

  /// Parses a file.
  ///
  /// - Throws: ``YAMLFault`` if it is not YAML or empty.
  package init(yaml: String) throws(YAMLFault) {
    do {
      guard let node = try Yams.compose(yaml: yaml) else { throw YAMLFault(reason: "it is empty") }
      self.node = node
    } catch {
      throw YAMLFault(error, in: nil)
    }
  }

  /// A single text.
  package init(text: String) { node = Node(text) }

  /// A list.
  package init(items: [YAMLDocument]) { node = Node(items.map(\.node)) }

  /// The text, number or truth value as text; `nil` for a list or options.
  package var text: String? { node.scalar?.string }

  /// The elements, if it is a list.
  package var items: [YAMLDocument]? { node.sequence.map { $0.map(YAMLDocument.init) } }

  /// The keys in order, if it consists of options.
  package var keys: [String]? { node.mapping.map { $0.keys.compactMap { $0.scalar?.string } } }

  /// The value of a key; set it to `nil` to remove the key.
  package subscript(key: String) -> YAMLDocument? {
    get { node.mapping?[Node(key)].map(YAMLDocument.init) }
    set {
      if node.mapping == nil { node = Node([(Node, Node)]()) }
      node.mapping?[Node(key)] = newValue?.node
    }
  }

  /// Sets a value by dotted key, as `optimizer.adam.rate`; missing keys are added.
  ///
  /// - Parameters:
  ///   - value: the value as YAML.
  ///   - key: the dotted key; an index selects an element of a list.
  /// - Throws: ``YAMLFault`` if the key leads through a single value or to a missing element.
  package mutating func set(_ value: String, at key: String) throws(YAMLFault) {
    let value = (try? Yams.compose(yaml: value)) ?? Node(value)
    try Self.set(value, at: key.split(separator: ".").map(String.init)[...], key, in: &node)
  }

  private static func set(
    _ value: Node, at path: ArraySlice<String>, _ key: String, in node: inout Node
  ) throws(YAMLFault) {
    guard let first = path.first else {
      node = value
      return
    }
    if let sequence = node.sequence {
      guard let place = Int(first), sequence.indices.contains(place) else {
        throw YAMLFault(
          reason: "it has no \(key) to set: \(first) is not in 0...\(sequence.count - 1)")
      }
      var child = sequence[place]
      try set(value, at: path.dropFirst(), key, in: &child)
      node.sequence?[place] = child
      return
    }
    // An empty value, as of `dropout:`, may get options.
    if node.mapping == nil {
      guard node.scalar?.string.isEmpty ?? false else {
        throw YAMLFault(reason: "it has no \(key) to set: what is above \(first) is a single value")
      }
      node = Node([(Node, Node)]())
    }
    var child = node.mapping?[Node(first)] ?? Node([(Node, Node)]())
    try set(value, at: path.dropFirst(), key, in: &child)
    node.mapping?[Node(first)] = child
  }
}
