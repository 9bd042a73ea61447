import Foundation
import Shards

/// Report files, which appear complete or not at all.
public enum ReportFile {
  /// The file behind symbolic links; what is no regular file is never replaced.
  private static func target(of path: String) throws -> String {
    var real = URL(fileURLWithPath: path)
    // A link may name a file that is not there yet.
    for _ in 0..<16 {
      guard let next = try? FileManager.default.destinationOfSymbolicLink(atPath: real.path) else {
        break
      }
      real = URL(fileURLWithPath: next, relativeTo: real.deletingLastPathComponent())
    }
    var status = stat()
    guard lstat(real.path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
      throw CommandFailure("\(path) is no regular file. Name a file to write to.")
    }
    return real.path
  }

  /// Writes `text`, and creates the folder if it does not exist.
  public static func write(_ text: String, to path: String) throws {
    let path = try target(of: path)
    try makeFolder(of: path)
    try DurableFile.write(text, to: path)
  }

  /// Writes bytes, and creates the folder if it does not exist.
  public static func write(bytes: [UInt8], to path: String) throws {
    let path = try target(of: path)
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
