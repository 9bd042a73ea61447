import ArgumentParser
import CommandSupport
import Foundation
import Neural
import Train

/// `train describe`.
struct DescribeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe", abstract: "Shows a network, or a recipe's, layer by layer.")

  @Argument(help: ArgumentHelp("A recipe's or a network's name, or FILE.yaml.", valueName: "name"))
  var name: String?

  @Option(help: ArgumentHelp("Describe it over this input instead.", valueName: "HxWxC"))
  var input: InputShape?

  @Flag(help: "List the networks there are.")
  var list = false

  @OptionGroup var output: OutputOptions

  /// The lengths of an input, as "105x105x3".
  struct InputShape: ExpressibleByArgument {
    let shape: ActivationShape

    init?(argument: String) {
      let lengths = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
      guard lengths.count == 3, let height = lengths[0], let width = lengths[1],
        let channels = lengths[2], (1...4_096).contains(height), (1...4_096).contains(width),
        (1...4_096).contains(channels)
      else { return nil }
      shape = .image(height: height, width: width, channels: channels)
    }
  }

  private struct Line: Encodable {
    let layer: String
    let output: String
    let parameters: Int
    let multiplyAdds: Int
  }

  private struct Summary: Encodable {
    let name: String
    let input: String
    let parameters: Int
    let trainable: Int
    let nonTrainable: Int
    let multiplyAdds: Int
  }

  private struct Listed: Encodable {
    let name: String
    let title: String
  }

  private struct ListSummary: Encodable {
    let networks: Int
  }

  func validate() throws {
    guard list || name != nil else {
      throw ValidationError("Name a recipe or a network, or give --list.")
    }
  }

  func run() async throws {
    let networks = try Network.all(in: Installation.manifests("networks"))
    guard let name, !list else {
      for network in networks {
        output.line("network", Listed(name: network.name, title: network.title))
      }
      return output.summary(ListSummary(networks: networks.count)) {
        TextTable(["network", ""], networks.map { [$0.name, $0.title] }).text
      }
    }
    _ = try Machine.start(threads: 1)
    let network = try find(name, among: networks)
    let shape = input?.shape ?? network.input.shape
    let layers = try network.describe(input: shape)
    var lines = layers.map {
      Line(
        layer: $0.name, output: $0.output.description, parameters: $0.parameters,
        multiplyAdds: $0.multiplyAdds)
    }
    var trainable = layers.reduce(0) { $0 + $1.trainable }
    if let head = network.head, case .features(let length) = layers.last?.output {
      let parameters = head.parameters(embeddingLength: length)
      trainable += parameters
      lines.append(
        Line(
          layer: "weighted-difference", output: "1", parameters: parameters, multiplyAdds: length))
    }
    report(network, shape, lines, trainable: trainable)
  }

  private func find(_ name: String, among networks: [Network]) throws -> Network {
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
      guard let text = try? String(contentsOfFile: name, encoding: .utf8) else {
        throw TrainError.badRecipe(path: name, reason: "it cannot be read")
      }
      // A file with a loss is a recipe.
      return text.contains("\nloss:")
        ? Network(try Recipe.read(name)) : try Network.parse(yaml: text, path: name)
    }
    if let network = networks.first(where: { $0.name == name }) { return network }
    let recipes = try Recipe.all(in: Installation.manifests("recipes"))
    guard let recipe = recipes.first(where: { $0.name == name }) else {
      throw TrainError.unknownRecipe(
        name: name, known: Set(recipes.map(\.name) + networks.map(\.name)).sorted())
    }
    return Network(recipe)
  }

  private func report(
    _ network: Network, _ shape: ActivationShape, _ lines: [Line], trainable: Int
  ) {
    for line in lines { output.line("layer", line) }
    let parameters = lines.reduce(0) { $0 + $1.parameters }
    let summary = Summary(
      name: network.name, input: shape.description, parameters: parameters,
      trainable: trainable, nonTrainable: parameters - trainable,
      multiplyAdds: lines.reduce(0) { $0 + $1.multiplyAdds })
    output.summary(summary) {
      let rows = lines.map { [$0.layer, $0.output, "\($0.parameters)", "\($0.multiplyAdds)"] }
      let table = TextTable(
        ["layer", "output", "parameters", "multiply-adds"],
        [["input", summary.input, "", ""]] + rows
          + [["total", "", "\(parameters)", "\(summary.multiplyAdds)"]])
      let fixed =
        summary.nonTrainable > 0
        ? "\n\(trainable) of them are trained, \(summary.nonTrainable) are running means" : ""
      return "\(network.title)\n\(table.text)\(fixed)"
    }
  }
}
