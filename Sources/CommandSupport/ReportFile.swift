import Foundation
import Shards

/// Report files, which appear complete or not at all.
public enum ReportFile {
  /// Writes `text`, and creates the folder if it does not exist.
  public static func write(_ text: String, to path: String) throws {
    try makeFolder(of: path)
    try DurableFile.write(text, to: path)
  }

  /// Writes bytes, and creates the folder if it does not exist.
  public static func write(bytes: [UInt8], to path: String) throws {
    try makeFolder(of: path)
    try DurableFile.write(bytes, to: path)
  }

  private static func makeFolder(of path: String) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw CommandFailure(
        "The folder \(folder) cannot be made. Check its permissions, or name another.")
    }
  }
}
