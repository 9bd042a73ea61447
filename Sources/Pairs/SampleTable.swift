import Catalog

/// Which samples belong to which identity, in an order that depends on names alone.
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

  /// The ids of all samples, identity by identity, by path within one.
  public private(set) var ids: [Int] = []
  /// The identities, by dataset and name.
  public private(set) var identities: [Identity] = []

  /// The samples of a store.
  public init(_ catalog: Catalog) throws(CatalogError) {
    self.init()
    try catalog.forEachSample { append($0.id, dataset: $0.dataset, identity: $0.identity) }
  }

  /// A table without samples.
  public init() {}

  /// Adds a sample; those of one identity must come one after the other.
  public mutating func append(_ id: Int, dataset: String, identity: String) {
    ids.append(id)
    if let last = identities.indices.last, identities[last].name == identity,
      identities[last].dataset == dataset
    {
      identities[last].samples = identities[last].samples.lowerBound..<ids.count
    } else {
      identities.append(
        Identity(dataset: dataset, name: identity, samples: ids.count - 1..<ids.count))
    }
  }

  /// The table of the samples whose ids are in `wanted`.
  public func restricted(to wanted: Set<Int>) -> SampleTable {
    restricted { _, id in wanted.contains(id) }
  }

  func restricted(where isWanted: (Identity, Int) -> Bool) -> SampleTable {
    var table = SampleTable()
    for identity in identities {
      for position in identity.samples where isWanted(identity, ids[position]) {
        table.append(ids[position], dataset: identity.dataset, identity: identity.name)
      }
    }
    return table
  }
}
