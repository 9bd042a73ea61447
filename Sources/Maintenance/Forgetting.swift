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

  private var key: [UTF8Key] { [UTF8Key(dataset), UTF8Key(identity)] }

  /// Returns true if both have the same bytes.
  public static func == (left: ForgottenPerson, right: ForgottenPerson) -> Bool {
    left.key == right.key
  }

  /// Hashes the bytes.
  public func hash(into hasher: inout Hasher) { hasher.combine(key) }
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
  /// Samples of other identities with the same file or pixels, which stay; at most
  /// ``PersonalData/listed``.
  public var copies: Set<String> = []
  /// Number of samples of other identities with the name in their path.
  public var namesInPaths = 0
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
    let writing = try StoreWriting.whole(folder)
    let catalog = writing.catalog
    defer { catalog.finishWriting() }
    var result = ForgottenData()
    for person in people { try forget(person, catalog, &result) }
    try NearDuplicates.refresh(catalog)
    try catalog.compactIfNeeded()
    _ = consume writing
    return result
  }

  private static func forget(
    _ person: ForgottenPerson, _ catalog: Catalog, _ result: inout ForgottenData
  ) throws {
    let data = try catalog.personalData(dataset: person.dataset, identity: person.identity)
    let recorded = try catalog.shardDigests()
    var (digests, blank): ([Int: String?], String) = ([:], String(repeating: "0", count: 64))
    for (shard, rows) in data.rows {
      let path = catalog.folder.shard(shard)
      digests[shard] = .some(nil)
      // A missing shard has nothing to overwrite; prep verify reports it.
      guard let file = try? ShardFile(path: path) else { continue }
      if ShardWiping.links(path) > 1 { result.shared.insert(shard) }
      blank = Digest.sha256([UInt8](repeating: 0, count: file.shape.byteCount))
      // A damaged shard keeps its recorded digest, so that prep verify still reports it.
      if try file.sha256() == recorded[shard] {
        digests[shard] = try ShardWiping.wipe(
          path, rows: rows + catalog.forgottenRows(ofShard: shard), isWritten: false)
      }
      result.shards.insert(shard)
    }
    let summary = try catalog.forget(
      person.identity, dataset: person.dataset, digests: digests, blank: blank)
    result.samples += data.samples
    result.rejections += summary.rejections
    result.protocols.formUnion(summary.protocols)
    result.copies.formUnion(data.copies)
    result.namesInPaths += summary.namesInPaths
    try ShardWipes.complete(catalog)
  }
}
