import Catalog
import Configuration
import Foundation
import Neural

/// All that a training does: data, sampler, network, loss, optimiser, length.
public struct Recipe: Codable, Sendable, Equatable {
  /// The short name.
  public let name: String
  /// One line on what it is.
  public let title: String
  /// Where it comes from.
  public let source: String
  /// The datasets it is made for.
  public let datasets: [String]
  /// The samples it takes.
  public let samples: InputSamples
  /// What brings their bytes into the range the network takes; defaults to each byte / 255.
  public let normalization: InputNormalization?
  /// How samples are changed at random while training; defaults to not at all.
  public let augmentation: [AugmentationStep]?
  /// What its steps train on.
  public let sampler: Sampler
  /// The layers of the tower.
  public let tower: [LayerSpecification]
  /// What stands over two embeddings; defaults to nothing.
  public let head: ScoringHead?
  /// The loss.
  public let loss: Loss
  /// The optimiser.
  public let optimizer: OptimizerSpecification
  /// How its rate changes; defaults to constant.
  public let schedule: Schedule?
  /// How the momentum of its optimiser begins; defaults to as it stays.
  public let momentumRamp: MomentumRamp?
  /// Pairs or samples a step; `nil` where the sampler says it.
  public let batch: Int?
  /// Epochs of a run.
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
  ///   - path: names the file in errors.
  ///   - settings: values by dotted key, as `--set batch=64` gives them, that go over the file's.
  /// - Returns: the recipe with its settings.
  /// - Throws: ``ConfigurationError``, also for a key that nothing reads.
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

  /// The recipe as a file, complete.
  public var yaml: String {
    (try? StrictYAML.encode(self)) ?? ""
  }

  /// Reads every recipe of a folder, by name.
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
