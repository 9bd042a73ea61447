import Catalog
import Configuration
import Foundation
import Neural

/// The configuration of a training: data, sampler, network, loss, optimiser and length.
public struct Recipe: Codable, Sendable, Equatable {
  /// The short name.
  public let name: String
  /// A description of the recipe in one line.
  public let title: String
  /// The source of the recipe.
  public let source: String
  /// The datasets that the recipe is made for.
  public let datasets: [String]
  /// The samples that it expects.
  public let samples: InputSamples
  /// The normalisation of the bytes of a sample; defaults to each byte / 255.
  public let normalization: InputNormalization?
  /// The random changes of samples during training; defaults to none.
  public let augmentation: [AugmentationStep]?
  /// The sampler of the steps.
  public let sampler: Sampler
  /// The layers of the tower.
  public let tower: [LayerSpecification]
  /// The head that compares two embeddings; defaults to none.
  public let head: ScoringHead?
  /// The loss.
  public let loss: Loss
  /// The optimiser.
  public let optimizer: OptimizerSpecification
  /// The schedule of the learning rate; defaults to constant.
  public let schedule: Schedule?
  /// The ramp of the momentum; defaults to a constant momentum.
  public let momentumRamp: MomentumRamp?
  /// Number of pairs or samples per step; `nil` if the sampler defines it.
  public let batch: Int?
  /// Number of epochs of a run.
  public let epochs: Int

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case name, title, source, datasets, samples, normalization, augmentation, sampler, tower, head
    case loss, optimizer, schedule
    case momentumRamp = "momentum-ramp"
    case batch, epochs
  }

  /// Reads a recipe from YAML.
  ///
  /// - Parameters:
  ///   - yaml: the text of the file.
  ///   - path: the name of the file in errors.
  ///   - settings: values by dotted key that override those of the file, as given by `--set
  ///     batch=64`.
  /// - Returns: the recipe with the settings applied.
  /// - Throws: ``ConfigurationError``, also for an unknown key.
  public static func parse(
    yaml: String, path: String, settings: [(key: String, value: String)] = []
  ) throws -> Recipe {
    let recipe = try StrictYAML.decode(
      Recipe.self, from: yaml, what: "recipe", path: path,
      keys: CodingKeys.allCases.map(\.rawValue), settings: settings,
      userInfo: SpecificationKinds.userInfo)
    try recipe.samples.check(what: "recipe", path: path)
    if let reason = recipe.wrongLength {
      throw ConfigurationError(what: "recipe", path: path, reason: reason)
    }
    return recipe
  }

  /// The complete recipe as the text of a file.
  public var yaml: String {
    (try? StrictYAML.encode(self)) ?? ""
  }

  /// Reads all recipes of a folder, by name.
  public static func all(in folder: String) throws -> [Recipe] {
    let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0.hasSuffix(".yaml") }.sorted()
    var recipes: [Recipe] = []
    for file in files { recipes.append(try read("\(folder)/\(file)")) }
    return recipes
  }

  /// Reads the recipe at `path`.
  public static func read(
    _ path: String, settings: [(key: String, value: String)] = []
  ) throws -> Recipe {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw ConfigurationError(what: "recipe", path: path, reason: "it cannot be read")
    }
    return try parse(yaml: text, path: path, settings: settings)
  }
}
