import Catalog

/// Images that show another person than their name says.
public struct Errata: Sendable {
  /// The person that each image shows.
  private let truths: [Int: String]

  /// Creates the errata of a dataset.
  ///
  /// - Parameters:
  ///   - images: the person that an image shows, by the image's name, such as "Jim_OBrien_0001".
  ///   - index: the samples of the dataset.
  public init(_ images: [String: String], index: ImageIndex) {
    var truths: [Int: String] = [:]
    for (image, truth) in images {
      guard let split = image.lastIndex(of: "_"),
        let number = Int(image[image.index(after: split)...]),
        let id = index.id(NamedImage(name: String(image[..<split]), number: number))
      else { continue }
      truths[id] = truth
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
      record.dropped[part] = Set(dropped.map { numbers[$0] })
      let dropped = Set(dropped)
      record.pairs[part] = record.pairs[part]?.enumerated().filter {
        !dropped.contains($0.offset)
      }.map(\.element)
    }
    return record
  }
}
