import Foundation
import Neural
import Shards

/// The inputs that determine the result of a run.
public struct RunRecord: Codable, Sendable, Equatable {
  /// The recipe's name.
  public let recipe: String
  /// SHA-256 of the recipe with all settings, as stored in `recipe.yaml`.
  public let recipeDigest: String
  /// Whether the recipe is the faithful form, with the errors of its source.
  public let faithful: Bool
  /// ``Catalog/digest()`` of the store; of several, joined by "+".
  public let storeDigest: String
  /// The configuration of each store's ingest, as JSON.
  public let ingest: [String]
  /// The protocol's name.
  public let `protocol`: String
  /// The digest of the protocol's samples and pairs.
  public let protocolDigest: String
  /// The fold that is tested and the use of the others; `nil` for a protocol with a training side.
  public let fold: TrainingData.Fold?
  /// SHA-256 of the file of initial weights; `nil` if they were drawn.
  public let initialWeights: String?
  /// Whether it is not known whom the initial weights were trained on.
  public let initialWeightsUnknown: Bool?
  /// The seed of every random choice.
  public let seed: Int
  /// Number of threads of the libraries.
  public let threads: Int
  /// The instruction set that oneDNN used.
  public let instructionSet: String
  /// The kernels that OpenBLAS chose.
  public let openblas: String
  /// The instruction set of this project's own loops.
  public let kernels: String
  /// The version of oneDNN.
  public let onednn: String
  /// The methods of the convolutions, as ``ConvolutionChoices`` describes them.
  public let convolution: String
  /// The methods of the convolutions of evaluations, which compute in 32-bit floats; `nil` in records
  /// of earlier versions, whose evaluations take those of the training.
  public let inferenceConvolution: String?
  /// The number format of the arithmetic.
  public let precision: String
  /// Number of processes that trained together; `nil` for one.
  public let ranks: Int?
  /// Whether batch normalisation took the mean and variance over the rows of all processes; `nil` for
  /// one process.
  public let synchronizedNormalization: Bool?
  /// Number of weights of the network.
  public let parameters: Int
  /// Number of identities that are classes of the loss; `nil` for a loss without classes.
  public let classes: Int?

  /// Describes the differences between two runs; empty if they are the same.
  ///
  /// - Parameters:
  ///   - other: the other run.
  ///   - withoutRecipe: whether to skip the recipes because they were already compared.
  ///   - withoutMachine: whether to skip what the machine decides: no step was kept that was computed
  ///     with it.
  /// - Returns: the differences.
  func differences(
    from other: RunRecord, withoutRecipe: Bool = false, withoutMachine: Bool = false
  ) -> [String] {
    let machine = [
      ("--threads \(threads)", threads == other.threads),
      (
        "processor (\(instructionSet))",
        instructionSet == other.instructionSet && kernels == other.kernels
      ),
      ("oneDNN \(onednn)", onednn == other.onednn),
      ("way to compute convolutions", convolution == other.convolution),
      ("--precision \(precision)", precision == other.precision),
    ]
    let settings = [
      (
        "recipe",
        withoutRecipe || recipe == other.recipe && recipeDigest == other.recipeDigest
      ),
      ("store", storeDigest == other.storeDigest),
      ("protocol", `protocol` == other.`protocol` && protocolDigest == other.protocolDigest),
      ("fold", fold == other.fold),
      ("initial weights", initialWeights == other.initialWeights),
      ("number of ranks (\(ranks ?? 1))", ranks == other.ranks),
      (
        "--sync-batch-norm", synchronizedNormalization == other.synchronizedNormalization
      ),
      ("seed \(seed)", seed == other.seed),
      ("number of weights", parameters == other.parameters),
      ("number of classes", classes == other.classes),
    ]
    return (settings + (withoutMachine ? [] : machine)).filter { !$0.1 }.map(\.0)
  }

  private static let coding: (JSONEncoder, JSONDecoder) = {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return (encoder, decoder)
  }()

  func write(to folder: RunFolder) throws {
    let text = (try? Self.coding.0.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    try DurableFile.write(text + "\n", to: folder.record)
  }

  /// The number format of the arithmetic; `nil` if this version does not know it.
  public var computingPrecision: Precision? { Precision(rawValue: precision) }

  /// The methods of the convolutions of the training.
  ///
  /// - Throws: ``TrainError/badRun(folder:reason:)`` if this version does not know them.
  public func convolutionChoices(of folder: RunFolder) throws -> ConvolutionChoices {
    try Self.choices(convolution, of: folder)
  }

  /// The methods of the convolutions of evaluations.
  ///
  /// - Throws: ``TrainError/badRun(folder:reason:)`` if this version does not know them.
  public func inferenceChoices(of folder: RunFolder) throws -> ConvolutionChoices {
    try Self.choices(inferenceConvolution ?? convolution, of: folder)
  }

  private static func choices(
    _ text: String, of folder: RunFolder
  ) throws -> ConvolutionChoices {
    guard let choices = ConvolutionChoices(text) else {
      throw TrainError.badRun(
        folder: folder.path,
        reason: "run.json has methods of convolutions that this version does not know: " + text)
    }
    return choices
  }

  /// Reads the record of a run.
  public static func read(_ folder: RunFolder) throws -> RunRecord {
    guard folder.exists else { throw TrainError.noRun(folder: folder.path) }
    guard let data = FileManager.default.contents(atPath: folder.record),
      let record = try? coding.1.decode(RunRecord.self, from: data)
    else { throw TrainError.badRun(folder: folder.path, reason: "run.json cannot be read") }
    return record
  }
}
