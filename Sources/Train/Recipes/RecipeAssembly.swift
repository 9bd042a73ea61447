import Configuration

/// Turns the file of a recipe into one that is complete in itself: the layers of the network that
/// it names, the settings of the user, and its faithful form if that is asked for.
struct RecipeAssembly {
  /// Values by dotted key that override those of the file.
  let settings: [(key: String, value: String)]
  /// The recipes and networks that the recipe may name; `nil` if it may name none.
  let library: RecipeLibrary?
  /// Whether the faithful form is asked for.
  let isFaithful: Bool
  /// The samples of the store, for a recipe that takes any.
  let samples: InputSamples?

  /// The keys that are resolved here.
  private enum Key {
    static let (base, network, faithful, tower) = ("base", "network", "faithful", "tower")
    static let changes = "changes"
    static let (head, samples, input, append) = ("head", "samples", "input", "append")
    static let (score, weightAveraging) = ("score", "weight-averaging")
  }

  /// The value of `head`, `score` and `weight-averaging` without one, and of a layer that is left out.
  private static let none = "none"

  func resolve(_ document: inout YAMLDocument) throws(YAMLFault) {
    func isAboutNetwork(_ key: String) -> Bool {
      key == Key.network || key.hasPrefix(Key.network + ".")
    }
    try resolveBase(&document, depth: 0)
    guard !settings.contains(where: { $0.key.hasPrefix(Key.faithful) }) else {
      throw YAMLFault(reason: "\(Key.faithful) cannot be set: give --faithful")
    }
    try resolveFaithful(&document)
    if document[Key.tower] != nil, let setting = settings.first(where: { isAboutNetwork($0.key) }) {
      throw YAMLFault(
        reason:
          "it has a tower of its own, so \(setting.key) cannot be set: a run that is resumed has "
          + "its layers already")
    }
    for (key, value) in settings where isAboutNetwork(key) { try document.set(value, at: key) }
    try resolveNetwork(&document)
    for (key, value) in settings where !isAboutNetwork(key) { try document.set(value, at: key) }
    for key in [Key.head, Key.score, Key.weightAveraging]
    where document[key]?.text == Self.none { document[key] = nil }
    try resolveSamples(&document)
  }

  /// The largest number of recipes that are based on one another.
  private static let maxDepth = 8

  /// Adds the keys of the recipe that this one is based on, where it lacks them.
  private func resolveBase(
    _ document: inout YAMLDocument, depth: Int
  ) throws(YAMLFault) {
    guard let reference = document[Key.base] else { return }
    guard let name = reference.text, depth < Self.maxDepth else {
      throw YAMLFault(reason: "base must be the name of a recipe that is not based on this one")
    }
    guard let library else {
      throw YAMLFault(
        reason: "it is based on the recipe \(name), and there is no folder of recipes")
    }
    var base = try library.document(name)
    try resolveBase(&base, depth: depth + 1)
    document[Key.base] = nil
    for key in base.keys ?? [] where document[key] == nil { document[key] = base[key] }
  }

  /// Replaces keys by those of the section `faithful` if the faithful form is asked for.
  private func resolveFaithful(_ document: inout YAMLDocument) throws(YAMLFault) {
    let section = document[Key.faithful]
    guard let keys = section?.keys else {
      guard !isFaithful || section?.text == "true" else {
        throw YAMLFault(reason: "no faithful form is written for it")
      }
      return
    }
    document[Key.faithful] = isFaithful ? YAMLDocument(text: "true") : nil
    guard isFaithful else { return }
    // The changes of the recipe are those that this form takes back. It lists those that it keeps.
    document[Key.changes] = nil
    for key in keys { document[key] = section?[key] }
  }

  /// Inserts the layers, the head and the input of the network that the recipe names.
  private func resolveNetwork(_ document: inout YAMLDocument) throws(YAMLFault) {
    guard let reference = document[Key.network] else { return }
    if document[Key.tower] != nil {
      // A recipe that was resolved before keeps the name of its network.
      guard reference.keys == nil else {
        throw YAMLFault(reason: "it has a tower of its own, so it cannot take a network as well")
      }
      return
    }
    let keys = reference.keys
    guard let name = reference.text ?? keys?.first, keys?.count ?? 1 == 1 else {
      throw YAMLFault(
        reason: "network must be a name, or one name over the options that replace its own")
    }
    guard let library else {
      throw YAMLFault(reason: "it names the network \(name), and there is no folder of networks")
    }
    let network = try library.networks.document(name)
    var layers = network[Key.tower]?.items ?? []
    if let changes = reference[name] { try Self.apply(changes, to: &layers, of: name) }
    document[Key.network] = YAMLDocument(text: name)
    document[Key.tower] = YAMLDocument(items: layers)
    if document[Key.head] == nil { document[Key.head] = network[Key.head] }
    if document[Key.samples] == nil { document[Key.samples] = network[Key.input] }
    if samples == nil, document[Key.samples]?.text == "store" {
      document[Key.samples] = network[Key.input]
    }
  }

  /// Changes options of layers.
  ///
  /// A change is named after a kind of layer, as `dense`, or after the n-th of a kind, as
  /// `dense-2`; its value is `none`, which removes the layers, or options that replace theirs. The
  /// value of `append` is a list of layers that follow the last one.
  private static func apply(
    _ changes: YAMLDocument, to layers: inout [YAMLDocument], of network: String
  ) throws(YAMLFault) {
    var counts: [String: Int] = [:]
    let names = layers.map { layer -> (kind: String, numbered: String) in
      let kind = layer.keys?.first ?? ""
      counts[kind, default: 0] += 1
      return (kind, "\(kind)-\(counts[kind] ?? 0)")
    }
    let keys = changes.keys ?? []
    for key in keys
    where key != Key.append && !names.contains(where: { $0.kind == key || $0.numbered == key }) {
      let known = Set(names.map(\.kind) + names.map(\.numbered)).sorted()
      let nearest = NearestName.nearest(to: key, among: known)
      throw YAMLFault(
        reason: "the network \(network) has no layer \(key)"
          + (nearest.map { "; did you mean \($0)?" } ?? ""))
    }
    for key in keys {
      let change = changes[key]
      let isRight =
        key == Key.append
        ? change?.items != nil : change?.keys != nil || change?.text == Self.none
      guard isRight else {
        throw YAMLFault(
          reason: "network.\(network).\(key) must be "
            + (key == Key.append ? "a list of layers" : "options, or none"))
      }
    }
    var changed: [YAMLDocument] = []
    for (layer, name) in zip(layers, names) {
      // The change of one layer goes over that of its kind.
      let own = [changes[name.kind], changes[name.numbered]].compactMap(\.self)
      guard own.last?.text != Self.none else { continue }
      var options = layer[name.kind] ?? YAMLDocument(items: [])
      // Option by option, not deeper: an initialiser is replaced as a whole.
      for change in own {
        for key in change.keys ?? [] { options[key] = change[key] }
      }
      var layer = layer
      layer[name.kind] = options
      changed.append(layer)
    }
    layers = changed + (changes[Key.append]?.items ?? [])
  }

  /// Inserts the samples of the store if the recipe takes any.
  private func resolveSamples(_ document: inout YAMLDocument) throws(YAMLFault) {
    guard document[Key.samples]?.text == "store" else { return }
    guard let samples else {
      throw YAMLFault(reason: "its samples follow from a store, and none is given")
    }
    try document.set(
      "{width: \(samples.width), height: \(samples.height), channels: \(samples.channels)}",
      at: Key.samples)
  }
}
