import Configuration
import Foundation

/// The folder of the networks that a recipe may name.
public struct NetworkLibrary: Sendable {
  /// The folder with one YAML file per network.
  public let folder: String

  /// Creates a library; nothing is read.
  public init(folder: String) { self.folder = folder }

  private var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }

  /// Reads the file of a network.
  func document(_ name: String) throws(YAMLFault) -> YAMLDocument {
    guard names.contains(name),
      let text = try? String(contentsOfFile: "\(folder)/\(name).yaml", encoding: .utf8)
    else {
      throw YAMLFault(
        reason: "there is no network \(name)" + NearestName.hint(name, among: names))
    }
    return try YAMLDocument(yaml: text)
  }
}
