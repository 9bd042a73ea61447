import Catalog
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

  /// Which pairs a step trains on.
  public enum Sampler: Codable, Sendable, Equatable {
    /// Genuine and impostor in turn, every identity as likely.
    case balanced(pairsPerEpoch: Int)

    private enum CodingKeys: String, CodingKey {
      case balanced
    }

    private enum BalancedCodingKeys: String, CodingKey {
      case pairsPerEpoch = "pairs-per-epoch"
    }
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
  /// Which pairs it trains on.
  public let sampler: Sampler
  /// The layers of the tower.
  public let tower: [LayerSpecification]
  /// What stands over two embeddings; nothing unless given.
  public let head: Network.Head?
  /// The loss.
  public let loss: PairLoss
  /// The optimiser.
  public let optimizer: OptimizerSpecification
  /// How its rate changes; constant unless given.
  public let schedule: Schedule?
  /// Pairs a step.
  public let batch: Int
  /// Epochs of a run.
  public let epochs: Int

  /// How many pairs an epoch has.
  public var pairsPerEpoch: Int {
    switch sampler {
    case .balanced(let count): count
    }
  }

  /// How many steps an epoch has; the last may be short.
  public var stepsPerEpoch: Int { (pairsPerEpoch + batch - 1) / batch }

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
    let recipe = try StrictYAML.decode(Recipe.self, from: yaml, path: path, settings: settings)
    guard (1...65_536).contains(recipe.batch), (1...1_000_000).contains(recipe.epochs),
      (2...1_000_000_000).contains(recipe.pairsPerEpoch)
    else {
      throw .badRecipe(
        path: path,
        reason: "batch must be in 1...65536, epochs in 1...1000000 and pairs-per-epoch in "
          + "2...1000000000")
    }
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
