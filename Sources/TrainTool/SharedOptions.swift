import ArgumentParser
import Catalog
import CommandSupport
import Foundation
import Neural
import Train

/// The option for the folder of the store.
struct ShardsOptions: ParsableArguments, Sendable {
  @Option(help: ArgumentHelp("The folder of the store.", valueName: "dir"))
  var shards = "out"

  func open() throws(CatalogError) -> Catalog {
    try Catalog.open(StoreFolder(path: shards))
  }
}

/// The option for the number of threads of the libraries.
struct ThreadOptions: ParsableArguments, Sendable {
  @Option(help: ArgumentHelp("Number of threads; by default one per core.", valueName: "n"))
  var threads: Int?

  func validate() throws {
    guard threads ?? 1 >= 1 else { throw ValidationError("--threads must be 1 or more.") }
  }

  func start() throws(NeuralError) -> Machine {
    try Machine.start(threads: threads ?? ProcessInfo.processInfo.activeProcessorCount)
  }
}

/// The option for the precision of networks.
struct PrecisionOptions: ParsableArguments, Sendable {
  /// The choices of the user.
  enum Choice: String, ExpressibleByArgument, CaseIterable {
    case auto
    case f32
    case bf16
  }

  @Option(
    help: ArgumentHelp(
      "What convolutions compute in; auto takes bf16 where the processor multiplies it itself.",
      valueName: "auto|f32|bf16"))
  var precision = Choice.auto

  /// The precision to compute in; the libraries must be started.
  func resolved() throws -> Precision {
    switch precision {
    case .auto: return Machine.hasBFloat16 ? .bfloat16 : .float32
    case .f32: return .float32
    case .bf16:
      guard Machine.hasBFloat16 else {
        throw ValidationError(
          "This processor does not multiply bf16 numbers; take --precision f32, which is faster on "
            + "it.")
      }
      return .bfloat16
    }
  }
}

/// A value that overrides one in the recipe, such as "batch=64".
struct Setting: ExpressibleByArgument, Sendable {
  let key: String
  let value: String

  init?(argument: String) {
    let halves = argument.split(separator: "=", maxSplits: 1)
    guard halves.count == 2 else { return nil }
    key = String(halves[0])
    value = String(halves[1])
  }
}

/// Finds recipes by name or file.
enum RecipeFinder {
  static func find(
    _ name: String, settings: [Setting] = []
  ) throws -> Recipe {
    let pairs = settings.map { ($0.key, $0.value) }
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
      return try Recipe.read(name, settings: pairs)
    }
    let folder = try Installation.manifests("recipes")
    let known = try Recipe.all(in: folder).map(\.name)
    guard known.contains(name) else { throw TrainError.unknownRecipe(name: name, known: known) }
    return try Recipe.read("\(folder)/\(name).yaml", settings: pairs)
  }

  /// The name of the only recipe made for the store's dataset.
  static func name(for catalog: Catalog) throws -> String {
    let recipes = try Recipe.all(in: Installation.manifests("recipes"))
    let dataset = try catalog.datasets().first ?? "none"
    guard let recipe = recipes.first(where: { $0.datasets.contains(dataset) }) else {
      throw TrainError.noRecipe(dataset: dataset, known: recipes.map(\.name))
    }
    return recipe.name
  }
}

/// Finds the protocol that a command uses.
enum ProtocolFinder {
  /// The named protocol, or the only one in the store.
  static func find(_ name: String?, in catalog: Catalog) throws -> ProtocolSummary {
    if let name { return try catalog.protocolSummary(name) }
    let all = try catalog.protocols()
    guard let first = all.first else { throw TrainError.noPairs(store: catalog.folder.path) }
    guard all.count == 1 else { throw TrainError.severalProtocols(all.map(\.name)) }
    return first
  }
}
