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

  /// The files beside the shards that writing makes.
  public var ownFiles: [String] {
    [catalog, "\(catalog)-journal", "\(catalog)-wal", "\(catalog)-shm", unfinishedCatalog, lock]
  }

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

  /// Returns true if the folder lies on a file system that other machines share.
  ///
  /// SQLite's write-ahead mode needs memory that all its users share, which these have not.
  /// Source: <https://www.sqlite.org/wal.html>, section 1; the table of mounts as `proc(5)` has it.
  static func isOnNetwork(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0,
      let mounts = try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)
    else { return false }
    return isNetwork(device: UInt64(status.st_dev), mounts: mounts)
  }

  /// Returns true if the device, in the form of `stat(2)`, is mounted from other machines.
  static func isNetwork(device: UInt64, mounts: String) -> Bool {
    let major = (device >> 8) & 0xFFF | (device >> 32) & ~0xFFF
    let minor = device & 0xFF | (device >> 12) & ~0xFF
    for line in mounts.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 3, fields[2] == "\(major):\(minor)",
        let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count
      else { continue }
      return networkTypes.contains { fields[dash + 1].hasPrefix($0) }
    }
    return false
  }

  /// How the names of file systems begin that other machines share.
  private static let networkTypes = [
    "nfs", "cifs", "smb", "afs", "ceph", "lustre", "gpfs", "beegfs", "fuse", "9p", "ocfs2", "gfs2",
    "glusterfs", "pvfs2", "orangefs",
  ]

  /// Whether a catalog lies here.
  public var exists: Bool {
    FileManager.default.fileExists(atPath: catalog)
  }
}
