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

  /// Reads all recipes, by name.
  ///
  /// - Parameter samples: the samples of a store, for recipes that take any.
  /// - Returns: the recipes.
  /// - Throws: `ConfigurationError`.
  public func all(samples: InputSamples? = nil) throws -> [Recipe] {
    try names.map { try Recipe.read(path(of: $0), library: self, samples: samples) }
  }

  /// The default recipe for a dataset and a number of training identities, by its name.
  ///
  /// A dataset without a default recipe is treated like a folder of photographs.
  ///
  /// - Parameters:
  ///   - dataset: the name of the dataset.
  ///   - identities: the number of training identities.
  ///   - samples: the samples of the store.
  /// - Returns: the first recipe that fits, by name.
  /// - Throws: ``TrainError/noRecipe(dataset:known:)`` if none does.
  public func defaultRecipe(
    dataset: String, identities: Int, samples: InputSamples
  ) throws -> Recipe {
    let recipes = try all(samples: samples)
    func fitting(_ dataset: String) -> Recipe? {
      recipes.first {
        $0.isDefault == true && $0.datasets.contains(dataset)
          && $0.identities?.contains(identities) ?? true
      }
    }
    guard let recipe = fitting(dataset) ?? fitting("folder") else {
      throw TrainError.noRecipe(dataset: dataset, known: recipes.map(\.name))
    }
    return recipe
  }
}
