import Foundation

/// A shard's file in the folder of a cache; its name is its hash.
struct CachedFile {
  let sha256: String
  let path: String
  let byteCount: Int
  /// Nanoseconds since 1970.
  let lastUse: Int

  private static let suffix = ".safetensors"

  /// The path of a shard in a folder.
  static func path(_ sha256: String, in folder: String) -> String { "\(folder)/\(sha256)\(suffix)" }

  /// The files of shards in a folder, those that were opened longest ago first.
  static func all(in folder: String) -> [CachedFile] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") }
      .compactMap { name in
        var status = stat()
        let path = "\(folder)/\(name)"
        guard stat(path, &status) == 0 else { return nil }
        return CachedFile(
          sha256: String(name.dropLast(suffix.count)), path: path, byteCount: Int(status.st_size),
          lastUse: status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec)
      }
      .sorted { ($0.lastUse, $0.path) < ($1.lastUse, $1.path) }
  }
}
