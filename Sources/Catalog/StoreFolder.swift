import Foundation

/// Where the parts of a store lie within its folder.
public struct StoreFolder: Hashable, Sendable {
  /// The folder itself.
  public let path: String

  /// A store in the folder at `path`; nothing is read or made.
  public init(path: String) {
    self.path = path
  }

  /// The SQLite database.
  public var catalog: String { "\(path)/catalog.sqlite" }
  /// Where a new database lies until it has its tables.
  var unfinishedCatalog: String { "\(path)/catalog.sqlite.new" }
  /// The folder of the shards.
  public var shards: String { "\(path)/shards" }
  /// The folder of the dataset report.
  public var report: String { "\(path)/report" }
  /// The file whose lock tells that a process writes into the store.
  var lock: String { "\(path)/lock" }

  /// What a shard's file name ends with.
  public static let shardSuffix = ".safetensors"

  /// The file name of shard `number`, as "00007.safetensors".
  public static func shardName(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits + shardSuffix
  }

  /// Where shard `number` lies.
  public func shard(_ number: Int) -> String {
    "\(shards)/\(Self.shardName(number))"
  }

  /// Whether a catalog lies here.
  public var exists: Bool {
    FileManager.default.fileExists(atPath: catalog)
  }
}
