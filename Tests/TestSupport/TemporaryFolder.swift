import Foundation

/// A folder that lives as long as this object.
///
/// A class because the folder is removed once, when nobody needs it any more.
public final class TemporaryFolder: Sendable {
  /// Where it lies.
  public let path: String

  /// A new, empty folder.
  public init() throws {
    let name = "twinset-test-\(UUID().uuidString)"
    path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of something in the folder.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, making the folders above it.
  @discardableResult
  public func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    let url = URL(fileURLWithPath: file(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    return url.path
  }

  /// Everything below the folder, sorted.
  public func contents(of name: String = "") -> [String] {
    (FileManager.default.enumerator(atPath: "\(path)/\(name)")?.allObjects as? [String] ?? [])
      .sorted()
  }
}
