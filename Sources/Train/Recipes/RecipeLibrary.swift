import Configuration
import Foundation

/// The folder of the recipes that a user may name, and of the networks that they name.
public struct RecipeLibrary: Sendable {
  /// The folder with one YAML file per recipe.
  public let folder: String
  /// The networks.
  public let networks: NetworkLibrary

  /// Creates a library; nothing is read.
  public init(folder: String, networks: NetworkLibrary) {
    self.folder = folder
    self.networks = networks
  }

  /// The names of all recipes, in order.
  public var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }

  /// Reads the file of a recipe.
  func document(_ name: String) throws(YAMLFault) -> YAMLDocument {
    guard names.contains(name),
      let text = try? String(contentsOfFile: path(of: name), encoding: .utf8)
    else {
      throw YAMLFault(reason: "there is no recipe \(name)" + NearestName.hint(name, among: names))
    }
    return try YAMLDocument(yaml: text)
  }

  /// The path of the recipe with this name.
  public func path(of name: String) -> String { "\(folder)/\(name).yaml" }
}
