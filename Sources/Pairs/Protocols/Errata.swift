import Catalog

/// Images that show another person than their name says.
public struct Errata: Sendable {
  /// The name of an image in the errata.
  private struct Name: Hashable {
    let identity: UTF8Key
    let number: Int

    init(identity: String, number: Int) {
      self.identity = UTF8Key(identity)
      self.number = number
    }

    /// Reads a name such as "Jim_OBrien_0001".
    init?(_ text: String) {
      guard let split = text.lastIndex(of: "_"),
        let number = Int(text[text.index(after: split)...])
      else { return nil }
      self.init(identity: String(text[..<split]), number: number)
    }
  }

  /// The person that each image shows.
  private let truths: [Int: String]

  /// Creates the errata of a dataset.
  ///
  /// An image that was corrected shows the person of its correction, whatever the errata say. A
  /// name that two images have is skipped.
  ///
  /// - Parameters:
  ///   - people: the person that an image shows, by the image's name, such as "Jim_OBrien_0001".
  ///   - catalog: the store.
  ///   - dataset: the dataset's name in the store.
  /// - Throws: ``CatalogError`` if the catalog cannot be read.
  public init(
    _ people: [String: String], _ catalog: Catalog, dataset: String
  ) throws(CatalogError) {
    var wanted: [Name: String] = [:]
    for (image, truth) in people {
      if let name = Name(image) { wanted[name] = truth }
    }
    let names = try ListedNames(catalog, dataset: dataset)
    var found: [Name: [ImageKey]] = [:]
    try catalog.forEachImage(dataset: dataset) { image in
      guard image.pose == nil, let number = image.number else { return }
      let name = Name(identity: names.identity(of: image), number: number)
      if wanted[name] != nil { found[name, default: []].append(image) }
    }
    var truths: [Int: String] = [:]
    for (name, images) in found {
      guard images.count == 1, let image = images.first else { continue }
      truths[image.id] = names.isCorrected(image) ? image.identity : wanted[name]
    }
    self.truths = truths
  }

  /// The pairs of a protocol whose label is wrong, by part.
  ///
  /// - Parameters:
  ///   - record: the protocol.
  ///   - catalog: provides the names of the other images.
  /// - Returns: the positions of the pairs in their lists.
  /// - Throws: ``CatalogError`` if the catalog cannot be read.
  public func wrong(
    in record: ProtocolRecord, _ catalog: Catalog
  ) throws(CatalogError) -> [Part: [Int]] {
    var suspects: [Part: [Int]] = [:]
    var ids: Set<Int> = []
    for (part, pairs) in record.pairs {
      for (index, pair) in pairs.enumerated()
      where truths[pair.left] != nil || truths[pair.right] != nil {
        suspects[part, default: []].append(index)
        ids.formUnion([pair.left, pair.right])
      }
    }
    let images = try catalog.images(ids)
    func person(_ id: Int) -> String? { truths[id] ?? images[id]?.identity }
    return suspects.reduce(into: [:]) { wrong, entry in
      let pairs = record.pairs[entry.key] ?? []
      let places = entry.value.filter {
        (person(pairs[$0].left) == person(pairs[$0].right)) != pairs[$0].genuine
      }
      if !places.isEmpty { wrong[entry.key] = places }
    }
  }
}

extension ProtocolRecord {
  /// The protocol without the pairs at the given positions; its name says so.
  public func withoutErrata(_ places: [Part: [Int]]) -> ProtocolRecord {
    var record = self
    record.name += "-errata-dropped"
    record.specification = specification.dropLast() + ",\"errata\":\"dropped\"}"
    for (part, dropped) in places {
      let numbers = numbers(of: part)
      record.dropped[part, default: []].formUnion(dropped.map { numbers[$0] })
      let dropped = Set(dropped)
      record.pairs[part] = record.pairs[part]?.enumerated().filter {
        !dropped.contains($0.offset)
      }.map(\.element)
    }
    return record
  }
}
