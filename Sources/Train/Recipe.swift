import Catalog
import Foundation
import Neural
internal import Yams

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

  /// What training makes small.
  public enum Loss: Codable, Sendable, Equatable {
    /// ``ContrastiveLoss``.
    case contrastive(margin: Float)
  }

  /// How weights move.
  public enum Optimizer: Codable, Sendable, Equatable {
    /// ``RMSProp``.
    case rmsprop(rate: Float, rho: Float, epsilon: Float)
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
  /// Which pairs it trains on.
  public let sampler: Sampler
  /// The layers of the tower.
  public let tower: [LayerSpecification]
  /// The loss.
  public let loss: Loss
  /// The optimiser.
  public let optimizer: Optimizer
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
    do {
      guard var node = try Yams.compose(yaml: yaml) else {
        throw RecipeFailure(reason: "it is empty")
      }
      for (key, value) in settings {
        try set(value, at: key.split(separator: ".").map(String.init), key: key, in: &node)
      }
      let recipe = try YAMLDecoder().decode(Recipe.self, from: node)
      guard let known = try Yams.compose(yaml: recipe.yaml) else {
        throw RecipeFailure(reason: "it cannot be written again")
      }
      try refuseUnknown(in: node, known: known, at: "")
      guard (1...65_536).contains(recipe.batch), (1...1_000_000).contains(recipe.epochs),
        (2...1_000_000_000).contains(recipe.pairsPerEpoch)
      else {
        throw RecipeFailure(
          reason: "batch must be in 1...65536, epochs in 1...1000000 and pairs-per-epoch in "
            + "2...1000000000")
      }
      return recipe
    } catch {
      throw .badRecipe(path: path, reason: describe(error))
    }
  }

  /// The recipe as a file, complete.
  public var yaml: String {
    (try? YAMLEncoder().encode(self)) ?? ""
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

private struct RecipeFailure: Error {
  let reason: String
}

extension Recipe {
  private static func set(
    _ value: String, at path: [String], key: String, in node: inout Node
  ) throws {
    guard let first = path.first, var child = node.mapping?[Node(first)] else {
      throw RecipeFailure(reason: "it has no \(key) to set")
    }
    if path.count == 1 {
      guard child.scalar != nil else {
        throw RecipeFailure(reason: "\(key) is not a single value")
      }
      child = Node(value)
    } else {
      try set(value, at: Array(path.dropFirst()), key: key, in: &child)
    }
    node.mapping?[Node(first)] = child
  }

  /// A key that nothing reads is a slip of the pen: it must not pass in silence.
  private static func refuseUnknown(in node: Node, known: Node, at place: String) throws {
    if let mapping = node.mapping, let other = known.mapping {
      for (key, value) in mapping {
        let name = key.scalar?.string ?? ""
        guard let match = other[key] else {
          throw RecipeFailure(reason: "\(place)\(name) is not known")
        }
        try refuseUnknown(in: value, known: match, at: "\(place)\(name).")
      }
    } else if let sequence = node.sequence, let other = known.sequence {
      for (index, pair) in zip(sequence, other).enumerated() {
        try refuseUnknown(in: pair.0, known: pair.1, at: "\(place)\(index).")
      }
    }
  }

  private static func describe(_ error: any Error) -> String {
    func place(_ context: DecodingError.Context) -> String {
      context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
        .joined(separator: ".")
    }
    switch error {
    case let failure as RecipeFailure: return failure.reason
    case DecodingError.keyNotFound(let key, let context):
      let at = place(context)
      return "it lacks \(at.isEmpty ? "" : at + ".")\(key.stringValue)"
    case DecodingError.dataCorrupted(let context), DecodingError.typeMismatch(_, let context),
      DecodingError.valueNotFound(_, let context):
      return "\(place(context)): \(context.debugDescription)"
    default: return "\(error)"
    }
  }
}
