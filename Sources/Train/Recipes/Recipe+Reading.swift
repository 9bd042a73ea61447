import Configuration
import Foundation

extension Recipe {
  /// Reads a recipe from YAML.
  ///
  /// - Parameters:
  ///   - yaml: the text of the file.
  ///   - path: the name of the file in errors.
  ///   - settings: values by dotted key that override those of the file, as given by `--set
  ///     batch=64`; keys that the file lacks are added.
  ///   - library: the recipes and networks that the recipe may name.
  ///   - isFaithful: whether the faithful form is asked for.
  ///   - samples: the samples of the store, for a recipe that takes any.
  /// - Returns: the recipe with the settings applied, complete in itself.
  /// - Throws: ``ConfigurationError``, also for an unknown key.
  public static func parse(
    yaml: String, path: String, settings: [(key: String, value: String)] = [],
    library: RecipeLibrary? = nil, isFaithful: Bool = false, samples: InputSamples? = nil
  ) throws -> Recipe {
    let assembly = RecipeAssembly(
      settings: settings, library: library, isFaithful: isFaithful, samples: samples)
    let recipe = try StrictYAML.decode(
      Recipe.self, from: yaml, what: "recipe", path: path,
      keys: CodingKeys.allCases.map(\.rawValue), userInfo: SpecificationKinds.userInfo
    ) { try assembly.resolve(&$0) }
    try recipe.samples.check(what: "recipe", path: path)
    if let reason = recipe.wrongLength ?? recipe.evaluation?.fault ?? recipe.checkpoint?.fault {
      throw ConfigurationError(what: "recipe", path: path, reason: reason)
    }
    return recipe
  }

  /// Reads the recipe at `path`; ``parse(yaml:path:settings:library:isFaithful:samples:)``
  /// describes the parameters.
  public static func read(
    _ path: String, settings: [(key: String, value: String)] = [],
    library: RecipeLibrary? = nil, isFaithful: Bool = false, samples: InputSamples? = nil
  ) throws -> Recipe {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw ConfigurationError(what: "recipe", path: path, reason: "it cannot be read")
    }
    return try parse(
      yaml: text, path: path, settings: settings, library: library, isFaithful: isFaithful,
      samples: samples)
  }
}
