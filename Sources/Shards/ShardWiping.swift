import Foundation

/// Overwrites samples of a shard with zeros.
public enum ShardWiping {
  /// Returns the SHA-256 that the shard at `path` has with zeros in `rows`, and writes such a file in
  /// its place if asked.
  ///
  /// The new file replaces the old one by a rename, after it is flushed to disk. The old file is
  /// removed from the folder; other links to it, as those that a merge makes, keep its bytes.
  ///
  /// - Parameters:
  ///   - path: the shard.
  ///   - rows: the rows to overwrite; those past the end are ignored.
  ///   - isWritten: whether to write the file.
  /// - Returns: SHA-256 in lower-case hexadecimal.
  /// - Throws: ``ShardError``; then the shard is unchanged.
  public static func wipe(
    _ path: String, rows: [Int], isWritten: Bool
  ) throws(ShardError) -> String {
    let shard = try ShardFile(path: path)
    let size = shard.shape.byteCount
    let dataOffset = shard.byteCount - shard.count * size
    var bytes = try read(path, count: shard.byteCount)
    for row in rows where row < shard.count {
      for index in dataOffset + row * size..<dataOffset + (row + 1) * size { bytes[index] = 0 }
    }
    if isWritten { try DurableFile.write(bytes, to: path) }
    return Digest.sha256(bytes)
  }

  /// Returns the number of names that the file at `path` has; 0 if it cannot be read.
  public static func links(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_nlink) : 0
  }

  private static func read(_ path: String, count: Int) throws(ShardError) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path), data.count == count else {
      throw .system(operation: "read", path: path, code: EIO)
    }
    return [UInt8](data)
  }
}
