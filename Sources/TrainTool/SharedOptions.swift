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
  /// The recipes and networks that come with the tools.
  static func library() throws -> RecipeLibrary {
    RecipeLibrary(
      folder: try Installation.manifests("recipes"),
      networks: NetworkLibrary(folder: try Installation.manifests("networks")))
  }

  /// The file of a recipe.
  ///
  /// - Throws: ``TrainError/unknownRecipe(name:known:)``.
  static func path(of name: String) throws -> String {
    guard !name.hasSuffix(".yaml"), !name.hasSuffix(".yml") else { return name }
    let library = try library()
    guard library.names.contains(name) else {
      throw TrainError.unknownRecipe(name: name, known: library.names)
    }
    return library.path(of: name)
  }

  /// The recipe with a name or in a file or, without a name, the default for the data.
  static func find(
    _ name: String?, for data: TrainingData, settings: [Setting], epochs: Int?, isFaithful: Bool
  ) throws -> Recipe {
    let shape = try data.stores.shape()
    let samples = InputSamples(
      width: shape.width, height: shape.height, channels: shape.channels)
    var all = settings
    if let epochs, let setting = Setting(argument: "epochs=\(epochs)") { all.append(setting) }
    let chosen =
      try name
      ?? library().defaultRecipe(
        dataset: data.stores.catalogs[0].datasets().first ?? "none",
        identities: data.training.identities.count, samples: samples
      ).name
    return try find(chosen, settings: all, isFaithful: isFaithful, samples: samples)
  }

  /// The recipe with a name or in a file.
  static func find(
    _ name: String, settings: [Setting] = [], isFaithful: Bool = false,
    samples: InputSamples? = nil
  ) throws -> Recipe {
    let library = try library()
    return try Recipe.read(
      path(of: name), settings: settings.map { ($0.key, $0.value) },
      library: library, isFaithful: isFaithful, samples: samples)
  }
}

/// The options for the folders of several stores.
struct StoresOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      "The folder of the store; several are read as one if it is repeated.", valueName: "dir"))
  var shards: [String] = ["out"]

  @Flag(
    name: .customLong("no-verify"),
    help: "Do not check the SHA-256 of each shard on first use.")
  var noVerify = false

  func open() throws -> StoreSet {
    let places = shards.map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().path }
    guard Set(places).count == places.count else {
      throw ValidationError("A store is given twice with --shards.")
    }
    return StoreSet(try shards.map { try Catalog.open(StoreFolder(path: $0)) })
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
