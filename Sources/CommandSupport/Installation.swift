import Foundation

/// Where this tool lies, so that it finds the manifests wherever it was installed.
public enum Installation {
  /// The folder of manifests of one kind, `datasets` or `recipes`.
  ///
  /// Looked for in `share/twinset/manifests` beside the tool's own `bin`, then, for a tool run from
  /// the build folder, in the checkout above it.
  ///
  /// - Throws: ``CommandFailure`` when neither has them.
  public static func manifests(_ kind: String) throws -> String {
    let tool = URL(fileURLWithPath: executable).deletingLastPathComponent()
    let installed = tool.deletingLastPathComponent()
      .appendingPathComponent("share/twinset/manifests/\(kind)")
    var candidates = [installed.path]
    var folder = tool
    while folder.path != "/" {
      candidates.append(folder.appendingPathComponent("manifests/\(kind)").path)
      folder.deleteLastPathComponent()
    }
    guard let found = candidates.first(where: FileManager.default.fileExists(atPath:)) else {
      throw CommandFailure(
        "The manifests are missing: \(installed.path) is not there. "
          + "Install the tools again with: make install PREFIX=DIR")
    }
    return found
  }

  /// The path of the running program, links resolved.
  public static var executable: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments.first ?? ""
  }
}
