import ArgumentParser
import CommandSupport
import Foundation
import Neural
import ONNX
import Shards
import Train

/// `train export`.
struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes the network of a run as an ONNX file.",
    discussion: """
      The input is [batch, channel, height, width] of normalised pixels, the output [batch, length] \
      of embeddings. The metadata says how to normalise the pixels and how to score two embeddings.
      """)

  @Option(help: ArgumentHelp("The run's folder.", valueName: "dir"))
  var run: String

  @Option(help: ArgumentHelp("The file.", valueName: "file.onnx"))
  var onnx: String

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  private struct Summary: Encodable {
    let onnx: String
    let input: [Int]
    let length: Int
    let operators: Int
    let bytes: Int
  }

  func run() async throws {
    let folder = RunFolder(path: run)
    let record = try RunRecord.read(folder)
    let recipe = try Recipe.read(run: folder, record)
    if folder.lacksScore(of: recipe) { output.note("warning: \(RunFolder.scoreWarning)") }
    _ = try threads.start()
    let network = try InferenceNetwork(run: folder, recipe: recipe, rows: 1)
    let graph = try ExportGraph(
      recipe.tower, input: recipe.inputShape, weights: network.weights)
    let bytes = try ONNXFile.bytes(
      graph, version: ToolRunner.version, metadata: Self.metadata(recipe, record, network))
    try ReportFile.write(bytes: bytes, to: onnx)
    let shape =
      switch recipe.inputShape {
      case .image(let height, let width, let channels): [channels, height, width]
      case .features(let count): [count]
      }
    let summary = Summary(
      onnx: onnx, input: shape, length: graph.embeddingLength, operators: graph.nodes.count,
      bytes: bytes.count)
    output.summary(summary) {
      "\(onnx): \(summary.operators) operators, input "
        + "[batch, \(shape.map(String.init).joined(separator: ", "))], "
        + "output [batch, \(summary.length)]"
    }
  }

  private static func metadata(
    _ recipe: Recipe, _ record: RunRecord, _ network: InferenceNetwork
  ) -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let normalization = (try? encoder.encode(recipe.normalization ?? .unit)).map {
      String(decoding: $0, as: UTF8.self)
    }
    func text(_ numbers: [Float]) -> String {
      (try? encoder.encode(numbers)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
    var metadata = [
      "recipe": record.recipe, "recipe_sha256": record.recipeDigest,
      "normalization": normalization ?? "", "score": network.rule.name,
      "flip_averaging": network.averagesFlips ? "true" : "false",
      "ingest": record.ingest.first ?? "",
    ]
    for (name, tensor) in network.statistics.tensors {
      metadata["normalization_\(name)"] = text(tensor.values)
    }
    let (weights, bias) = network.rule.parameters
    if let learned = network.learned {
      metadata["score_directions"] = learned.usesDirections ? "true" : "false"
      metadata["score_mean"] = text(learned.mean)
      metadata["score_matrix"] = text(learned.matrix)
      if let people = learned.people {
        metadata["score_curvatures"] = text(learned.curvatures)
        metadata["score_people_counts"] = text(people.counts)
        metadata["score_people_means"] = text(people.means)
        metadata["score_temperature"] = text([people.temperature])
      }
    }
    if !weights.isEmpty {
      metadata["score_weights"] = text(weights)
      metadata["score_bias"] = text([bias])
    }
    return metadata
  }
}
