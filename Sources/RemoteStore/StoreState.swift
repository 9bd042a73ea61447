import Catalog

/// What one catalog has that another must have as well to continue it.
struct StoreState {
  private let shards: [Int: String]
  private let protocols: [String: String]
  private let corrections: Set<String>

  /// Reads a catalog.
  init(_ catalog: Catalog) throws(CatalogError) {
    shards = try catalog.shardDigests()
    var protocols: [String: String] = [:]
    for summary in try catalog.protocols() {
      protocols[summary.name] = try catalog.digest(ofProtocol: summary.name)
    }
    self.protocols = protocols
    corrections = Set(try catalog.corrections().map { "\($0)" })
  }

  /// The numbers of the shards.
  var shardNumbers: Set<Int> { Set(shards.keys) }

  /// What this state has and a later one has not, in words; `nil` if the later one continues it.
  func lost(in later: StoreState) -> String? {
    for number in shards.keys.sorted() where later.shards[number] != shards[number] {
      return "the shard \(StoreFolder.shardName(number))"
    }
    for name in protocols.keys.sorted() where later.protocols[name] != protocols[name] {
      return "the protocol \(name)"
    }
    return corrections.isSubset(of: later.corrections) ? nil : "a correction"
  }
}
