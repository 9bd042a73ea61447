import Catalog
import Foundation
import Shards

/// A person who is to be forgotten.
public struct ForgottenPerson: Sendable, Hashable {
  /// The dataset's name.
  public let dataset: String
  /// The identity's name.
  public let identity: String

  /// Names a person.
  public init(dataset: String, identity: String) {
    self.dataset = dataset
    self.identity = identity
  }
}

/// What was taken out of a store.
public struct ForgottenData: Sendable, Equatable {
  /// Number of samples that counted.
  public var samples = 0
  /// Number of rejected files.
  public var rejections = 0
  /// The overwritten shards.
  public var shards: Set<Int> = []
  /// The protocols that lost pairs or samples.
  public var protocols: Set<String> = []
  /// Overwritten shards that other stores share, which keep the old bytes.
  public var shared: Set<Int> = []
}

/// Takes people out of a store: rows, pixels, evidence of duplicates and lists of protocols.
///
/// The catalog is changed first, in one transaction for each person, and records which shards are to
/// be overwritten. If the process ends in between, the next command that writes the store overwrites
/// them.
public enum Forgetting {
  /// Takes people out.
  ///
  /// - Parameters:
  ///   - people: the people.
  ///   - folder: the store.
  /// - Returns: what was taken out.
  /// - Throws: an error of the catalog or the disk.
  public static func run(
    _ people: [ForgottenPerson], in folder: StoreFolder
  ) throws -> ForgottenData {
    let writing = try StoreWriting(folder)
    let catalog = writing.catalog
    defer { catalog.finishWriting() }
    var result = ForgottenData()
    for person in people {
      let data = try catalog.personalData(dataset: person.dataset, identity: person.identity)
      var digests: [Int: String] = [:]
      var blank = ""
      for (shard, rows) in data.rows {
        let path = folder.shard(shard)
        if ShardWiping.links(path) > 1 { result.shared.insert(shard) }
        // Those forgotten before are zeros already, or will be.
        let all = try rows + catalog.forgottenRows(ofShard: shard)
        digests[shard] = try ShardWiping.wipe(path, rows: all, isWritten: false)
        blank = Digest.sha256(
          [UInt8](repeating: 0, count: try ShardFile(path: path).shape.byteCount))
        result.shards.insert(shard)
      }
      let summary = try catalog.forget(
        person.identity, dataset: person.dataset, digests: digests,
        blank: blank.isEmpty ? String(repeating: "0", count: 64) : blank)
      result.samples += data.samples
      result.rejections += summary.rejections
      result.protocols.formUnion(summary.protocols)
      try ShardWipes.complete(catalog)
    }
    try NearDuplicates.refresh(catalog)
    _ = consume writing
    return result
  }
}
