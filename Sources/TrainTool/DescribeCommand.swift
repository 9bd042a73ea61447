import ArgumentParser
import CommandSupport
import Configuration
import Foundation
import Neural
import Plots
import Train

/// `train describe`.
struct DescribeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe", abstract: "Shows a network, or a recipe's, layer by layer.")

  @Argument(help: ArgumentHelp("A recipe's or a network's name, or FILE.yaml.", valueName: "name"))
  var name: String?

  @Option(help: ArgumentHelp("Use this input instead of its own.", valueName: "HxWxC"))
  var input: InputShape?

  @Flag(help: "List the known networks.")
  var list = false

  @Flag(help: "Time every layer in training, forward and backward.")
  var measure = false

  @Option(
    help: ArgumentHelp(
      "Images at once for memory and times; those of a step, or 64 for a network.",
      valueName: "n"))
  var rows: Int?

  @Option(help: ArgumentHelp("Draw the network into this file.", valueName: "file.svg"))
  var svg: String?

  @OptionGroup var arithmetic: ArithmeticOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  /// The shape of an input, such as "105x105x3".
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
    guard (1...65_536).contains(rows ?? 1) else {
      throw ValidationError("--rows must be in 1...65536.")
    }
  }

  func run() async throws {
    let networks = try Network.all(in: Installation.manifests("networks"))
    guard let name, !list else { return show(networks) }
    let machine = try threads.start()
    let (network, batch) = try find(name, among: networks)
    let shape = input?.shape ?? network.input.shape
    let precision = try arithmetic.resolvedPrecision()
    let layers = try network.describe(input: shape)
    let rows = rows ?? batch ?? 64
    let policy = arithmetic.policy(on: machine, measures: measure)
    let timings =
      measure
      ? try network.measure(
        input: shape, rows: rows, precision: precision, convolution: policy)
      : nil
    var lines = layers.enumerated().map { place, layer in
      NetworkReport.Line(layer, timing: timings?[place], rows: rows, isFirst: place == 0)
    }
    var trainable = layers.reduce(0) { $0 + $1.trainable }
    if let head = network.head, case .features(let length) = layers.last?.output {
      let parameters = head.parameters(embeddingLength: length)
      trainable += parameters
      lines.append(NetworkReport.Line(head.name, parameters: parameters, multiplyAdds: length))
    }
    let plan = try network.plan(
      input: shape, rows: rows, precision: precision, convolution: policy)
    let report = NetworkReport(
      network, input: shape, lines: lines, trainable: trainable, rows: rows, plan: plan,
      listsMethods: measure)
    for line in lines { output.line("layer", line) }
    for method in report.methods { output.line("convolution", method) }
    if let svg {
      try ReportFile.write(drawing(network, input: shape, layers).svg, to: svg)
    }
    output.summary(report.summary) {
      report.text + (svg.map { "\nthe drawing is in \($0)" } ?? "")
    }
  }

  /// Lists the networks.
  private func show(_ networks: [Network]) {
    for network in networks {
      output.line("network", Listed(name: network.name, title: network.title))
    }
    output.summary(ListSummary(networks: networks.count)) {
      let width = networks.map(\.name.count).max() ?? 0
      return networks.map {
        $0.name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + $0.title
      }.joined(separator: "\n")
    }
  }

  private func drawing(
    _ network: Network, input: ActivationShape, _ layers: [Tower.Description]
  ) -> NetworkDrawing {
    NetworkDrawing(
      title: network.name, input: input.description,
      layers: layers.map {
        NetworkDrawing.Layer(
          name: $0.name, output: $0.output.description, parameters: $0.parameters)
      }, comparison: network.head?.name ?? "distance of the embeddings")
  }

  /// The network with this name or file, and the number of images per step of its recipe.
  private func find(_ name: String, among networks: [Network]) throws -> (Network, Int?) {
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
      guard let text = try? String(contentsOfFile: name, encoding: .utf8) else {
        throw ConfigurationError(what: "recipe", path: name, reason: "it cannot be read")
      }
      // A file with a loss is a recipe.
      let isRecipe = ["\nloss:", "\nbase:"].contains { ("\n" + text).contains($0) }
      guard isRecipe else {
        return (try Network.parse(yaml: text, path: name), nil)
      }
      let recipe = try Recipe.read(name, library: RecipeFinder.library())
      return (recipe.twin, recipe.rows)
    }
    let recipes = try RecipeFinder.library().all()
    guard let recipe = recipes.first(where: { $0.name == name }) else {
      if let network = networks.first(where: { $0.name == name }) { return (network, nil) }
      throw TrainError.unknownRecipe(
        name: name, known: Set(recipes.map(\.name) + networks.map(\.name)).sorted())
    }
    return (recipe.twin, recipe.rows)
  }
}
