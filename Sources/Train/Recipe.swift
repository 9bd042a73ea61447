import Catalog
import Configuration
import Foundation
import Neural

/// All that a training does: data, sampler, network, loss, optimiser, length.
public struct Recipe: Codable, Sendable, Equatable {
  /// The samples a recipe takes.
  public struct Samples: Codable, Sendable, Equatable {
    /// Pixels in a row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// 1 for gray, 3 for RGB.
    public let channels: Int

    /// As users write it.
    public var description: String { "\(width)x\(height) \(channels == 1 ? "gray" : "RGB")" }
  }

  /// The short name.
  public let name: String
  /// One line on what it is.
  public let title: String
  /// Where it comes from.
  public let source: String
  /// The datasets it is made for.
  public let datasets: [String]
  /// The samples it takes.
  public let samples: Samples
  /// What brings their bytes into the range the network takes; each byte / 255 unless given.
  public let normalization: InputNormalization?
  /// How samples are changed at random while training; not at all unless given.
  public let augmentation: [AugmentationStep]?
  /// What its steps train on.
  public let sampler: Sampler
  /// The layers of the tower.
  public let tower: [LayerSpecification]
  /// What stands over two embeddings; nothing unless given.
  public let head: Network.Head?
  /// The loss.
  public let loss: Loss
  /// The optimiser.
  public let optimizer: OptimizerSpecification
  /// How its rate changes; constant unless given.
  public let schedule: Schedule?
  /// How the momentum of its optimiser begins; as it stays unless given.
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
  /// - Throws: ``TrainError/badRecipe(path:reason:)``, also for a key that nothing reads.
  public static func parse(
    yaml: String, path: String, settings: [(key: String, value: String)] = []
  ) throws(TrainError) -> Recipe {
    let recipe = try onConfiguration { () throws(ConfigurationError) in
      try StrictYAML.decode(
        Recipe.self, from: yaml, path: path, keys: CodingKeys.allCases.map(\.rawValue),
        settings: settings)
    }
    try recipe.samples.check(path: path)
    if let reason = recipe.wrongLength { throw .badRecipe(path: path, reason: reason) }
    return recipe
  }

  /// The recipe as a file, complete.
  public var yaml: String {
    (try? StrictYAML.encode(self)) ?? ""
  }

  /// Reads every recipe of a folder, by name.
  public static func all(in folder: String) throws(TrainError) -> [Recipe] {
    let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0.hasSuffix(".yaml") }.sorted()
    var recipes: [Recipe] = []
    for file in files { recipes.append(try read("\(folder)/\(file)")) }
    return recipes
  }

  /// Reads the recipe at `path`.
  public static func read(
    _ path: String, settings: [(key: String, value: String)] = []
  ) throws(TrainError) -> Recipe {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw .badRecipe(path: path, reason: "it cannot be read")
    }
    return try parse(yaml: text, path: path, settings: settings)
  }
}
