import Foundation

/// The location of this tool, from which it finds the manifests.
public enum Installation {
  /// Returns the folder of manifests of one kind, `datasets` or `recipes`.
  ///
  /// It is searched in `share/twinset/manifests` next to the tool's `bin` folder, then, for a tool
  /// run from the build folder, in the enclosing checkout.
  ///
  /// - Throws: ``CommandFailure`` if neither contains the manifests.
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

  /// The path of the running program, with links resolved.
  public static var executable: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments.first ?? ""
  }
}
