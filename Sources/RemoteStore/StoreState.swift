import Catalog

/// What one catalog has that another must have as well to continue it.
struct StoreState {
  private let shards: [Int: String]
  private let protocols: [String: String]
  private let corrections: Set<String>
  private let forgotten: Set<String>
  private let dropped: [Int: Int]
  private let catalog: Catalog

  /// Reads a catalog.
  init(_ catalog: Catalog) throws(CatalogError) {
    self.catalog = catalog
    shards = try catalog.shardDigests()
    var protocols: [String: String] = [:]
    for summary in try catalog.protocols() {
      protocols[summary.name] = try catalog.digest(ofProtocol: summary.name)
    }
    self.protocols = protocols
    corrections = Set(try catalog.corrections().map { "\($0)" })
    forgotten = try catalog.tombstones()
    dropped = try catalog.droppedSamples()
  }

  /// The numbers of the shards.
  var shardNumbers: Set<Int> { Set(shards.keys) }

  /// What this state has and a later one has not, in words; `nil` if the later one continues it.
  func lost(in later: StoreState) throws(CatalogError) -> String? {
    for number in shards.keys.sorted() where later.shards[number] != shards[number] {
      return "the shard \(StoreFolder.shardName(number))"
    }
    for name in protocols.keys.sorted() where later.protocols[name] != protocols[name] {
      return "the protocol \(name)"
    }
    guard corrections.isSubset(of: later.corrections) else { return "a correction" }
    // The digests of shards do not show this: a damaged or missing shard keeps its own when a person in
    // it is forgotten.
    guard forgotten.isSubset(of: later.forgotten) else {
      return "the removal of a person or picture by prep forget"
    }
    // A copy counts again when its original is replaced or excluded, and this is no loss.
    return try later.catalog.restoresAny(of: dropped) ? "the removal of a duplicate" : nil
  }
}
