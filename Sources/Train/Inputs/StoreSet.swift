import Catalog
import Shards

/// The stores that a training or an evaluation reads.
///
/// A sample of the n-th store has the id of the store's own catalog plus n 2^40, so that an id names
/// its store; with one store both ids are the same.
public struct StoreSet: Sendable {
  /// The catalogs, in the order that the user gave.
  public let catalogs: [Catalog]

  /// Number of bits of an id within one store: enough for 10^12 samples.
  private static let bits = 40

  /// Creates a set of one or more stores.
  public init(_ catalogs: [Catalog]) {
    precondition(!catalogs.isEmpty, "a training needs a store")
    self.catalogs = catalogs
  }

  /// The id of a sample of one of the stores.
  static func id(_ own: Int, store: Int) -> Int { own | store << bits }

  /// The store of a sample and its id there.
  static func split(_ id: Int) -> (store: Int, own: Int) { (id >> bits, id & (1 << bits - 1)) }

  /// The digests of the stores, in order, joined by "+".
  public func digest() throws(CatalogError) -> String {
    var digests: [String] = []
    for catalog in catalogs { digests.append(try catalog.digest()) }
    return digests.joined(separator: "+")
  }

  /// The digests of a protocol of each store, joined by "+".
  func digest(ofProtocol name: String) throws(CatalogError) -> String {
    var digests: [String] = []
    for catalog in catalogs { digests.append(try catalog.digest(ofProtocol: name)) }
    return digests.joined(separator: "+")
  }

  /// The pairs with ids that name their store.
  static func pairs(_ pairs: [Pair], store: Int) -> [Pair] {
    guard store > 0 else { return pairs }
    return pairs.map {
      Pair(
        left: id($0.left, store: store), right: id($0.right, store: store), genuine: $0.genuine)
    }
  }

  /// The shape of the samples of all stores.
  ///
  /// - Throws: ``TrainError``: if a store has no samples, or two have different ones.
  public func shape() throws -> SampleShape {
    var shape: SampleShape?
    for catalog in catalogs {
      guard let first = try catalog.shardDigests().keys.min() else {
        throw TrainError.noPairs(store: catalog.storeName)
      }
      let own = try catalog.openShard(first).shape
      if let shape, shape != own {
        throw TrainError.differentStores(
          store: catalog.storeName, has: own.description, first: shape.description)
      }
      shape = own
    }
    guard let shape else { preconditionFailure("there is a store") }
    return shape
  }
}
