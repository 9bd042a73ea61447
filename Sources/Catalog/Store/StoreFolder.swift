import Foundation

/// The paths of a store's parts within its folder.
public struct StoreFolder: Hashable, Sendable {
  /// The folder itself.
  public let path: String

  /// Creates the paths of the store at `path`; nothing is read or created.
  public init(path: String) {
    self.path = path
  }

  /// The SQLite database.
  public var catalog: String { "\(path)/catalog.sqlite" }
  /// The temporary path of a new database until it has its tables.
  var unfinishedCatalog: String { "\(path)/catalog.sqlite.new" }
  /// The folder of the shards.
  public var shards: String { "\(path)/shards" }
  /// The folder of the dataset report.
  public var report: String { "\(path)/report" }
  /// The folder of the dataset card.
  public var card: String { "\(path)/card" }
  /// The file whose lock shows that a process writes to the store.
  var lock: String { "\(path)/lock" }

  /// The files that writing creates, apart from the shards.
  public var ownFiles: [String] {
    [catalog, "\(catalog)-journal", "\(catalog)-wal", "\(catalog)-shm", unfinishedCatalog, lock]
  }

  /// The suffix of a shard's file name.
  public static let shardSuffix = ".safetensors"

  /// Returns the file name of shard `number`, as "00007.safetensors".
  public static func shardName(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits + shardSuffix
  }

  /// Returns the path of shard `number`.
  public func shard(_ number: Int) -> String {
    "\(shards)/\(Self.shardName(number))"
  }

  /// Returns true if the folder is on a file system that other machines can share.
  ///
  /// SQLite's write-ahead mode needs shared memory between all users, which such file systems do
  /// not provide. Source: <https://www.sqlite.org/wal.html>, section 1; the format of the mount
  /// table is from `proc(5)`.
  static func isOnNetwork(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0,
      let mounts = try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)
    else { return false }
    return isNetwork(device: UInt64(status.st_dev), mounts: mounts)
  }

  /// Returns true if the device, in the format of `stat(2)`, is mounted from a network file system.
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

  /// The prefixes of the names of shared file systems.
  private static let networkTypes = [
    "nfs", "cifs", "smb", "afs", "ceph", "lustre", "gpfs", "beegfs", "fuse", "9p", "ocfs2", "gfs2",
    "glusterfs", "pvfs2", "orangefs",
  ]

  /// Whether the folder contains a catalog.
  public var exists: Bool {
    FileManager.default.fileExists(atPath: catalog)
  }
}
