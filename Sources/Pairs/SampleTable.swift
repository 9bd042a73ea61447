import Catalog

/// The samples of each identity, in an order that depends only on names.
public struct SampleTable: Sendable {
  /// One identity and its samples.
  public struct Identity: Sendable, Equatable {
    /// The dataset's name.
    public let dataset: String
    /// The identity's name.
    public let name: String
    /// Its samples, as positions in ``SampleTable/ids``.
    public fileprivate(set) var samples: Range<Int>
  }

  /// The ids of all samples, ordered by identity, then by path.
  public private(set) var ids: [Int] = []
  /// The identities, ordered by dataset, then by name.
  public private(set) var identities: [Identity] = []

  /// Reads the samples of a store.
  public init(_ catalog: Catalog) throws(CatalogError) {
    self.init()
    try catalog.forEachIdentity { dataset, name, samples in
      let first = ids.count
      ids += samples
      identities.append(Identity(dataset: dataset, name: name, samples: first..<ids.count))
    }
  }

  /// Creates a table without samples.
  public init() {}

  /// Merges tables; samples of the same identity stand together.
  ///
  /// - Parameters:
  ///   - tables: the tables.
  ///   - id: returns the id of a sample in the merged table from its id and the place of its table.
  public init(merging tables: [SampleTable], id: (_ id: Int, _ table: Int) -> Int) {
    let groups = tables.enumerated().flatMap { place, table in
      table.identities.map { (identity: $0, table: place) }
    }.sorted { left, right in
      let (one, other) = (left.identity, right.identity)
      guard one.dataset == other.dataset else { return one.dataset < other.dataset }
      guard one.name.utf8.elementsEqual(other.name.utf8) else {
        return one.name.utf8.lexicographicallyPrecedes(other.name.utf8)
      }
      return left.table < right.table
    }
    for group in groups {
      for position in group.identity.samples {
        append(
          id(tables[group.table].ids[position], group.table), dataset: group.identity.dataset,
          identity: group.identity.name)
      }
    }
  }

  /// Adds a sample; the samples of one identity must be added consecutively.
  public mutating func append(_ id: Int, dataset: String, identity: String) {
    ids.append(id)
    // Compared by bytes: a name in NFC and the same name in NFD are two identities.
    if let last = identities.indices.last, identities[last].name.utf8.elementsEqual(identity.utf8),
      identities[last].dataset == dataset
    {
      identities[last].samples = identities[last].samples.lowerBound..<ids.count
    } else {
      identities.append(
        Identity(dataset: dataset, name: identity, samples: ids.count - 1..<ids.count))
    }
  }

  /// The index in ``identities`` of every sample's identity, in the order of ``ids``.
  public var owners: [Int] {
    identities.indices.flatMap { index in
      repeatElement(index, count: identities[index].samples.count)
    }
  }

  /// The index in ``identities`` of every sample's identity, by sample id; -1 if there is no such
  /// sample.
  public var ownersByID: [Int32] {
    var owners = [Int32](repeating: -1, count: (ids.max() ?? -1) + 1)
    for (index, identity) in identities.enumerated() {
      for position in identity.samples { owners[ids[position]] = Int32(index) }
    }
    return owners
  }

  /// The table of the samples whose ids are in `wanted`.
  public func restricted(to wanted: Set<Int>) -> SampleTable {
    samples { wanted.contains($1) }
  }

  /// The table of the identities whose index satisfies `isWanted`.
  func identities(where isWanted: (Int) -> Bool) -> SampleTable {
    var table = SampleTable()
    for (index, identity) in identities.enumerated() where isWanted(index) {
      let first = table.ids.count
      table.ids += ids[identity.samples]
      table.identities.append(
        Identity(
          dataset: identity.dataset, name: identity.name, samples: first..<table.ids.count))
    }
    return table
  }

  func samples(where isWanted: (Identity, Int) -> Bool) -> SampleTable {
    var table = SampleTable()
    for identity in identities {
      for position in identity.samples where isWanted(identity, ids[position]) {
        table.append(ids[position], dataset: identity.dataset, identity: identity.name)
      }
    }
    return table
  }
}
