import ArgumentParser
import Catalog
import CommandSupport
import Configuration
import Foundation
import MessagePassing
import Neural
import Train

/// The option for the number of threads of the libraries.
struct ThreadOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      "Number of threads, of each rank if there are several; by default one per core.",
      valueName: "n"))
  var threads: Int?

  func validate() throws {
    guard threads ?? 1 >= 1 else { throw ValidationError("--threads must be 1 or more.") }
  }

  func start() throws(NeuralError) -> Machine {
    try Machine.start(threads: threads ?? ProcessInfo.processInfo.activeProcessorCount)
  }

  /// Starts the libraries with the same number of threads on every rank: by default the least that one
  /// has, if the ranks that share its cores divide them.
  func start(on group: RankGroup?) throws -> Machine {
    guard let group else { return try start() }
    let own = threads ?? max(1, ProcessInfo.processInfo.activeProcessorCount / group.sharers)
    return try Machine.start(threads: try group.gather([own]).min() ?? own)
  }
}

/// The options for the arithmetic of networks.
struct ArithmeticOptions: ParsableArguments, Sendable {
  /// The choices of the precision.
  enum PrecisionChoice: String, ExpressibleByArgument, CaseIterable {
    case auto
    case f32
    case bf16
  }

  /// The choices of the method of convolutions.
  enum MethodChoice: String, ExpressibleByArgument, CaseIterable {
    case auto
    case direct
    case frequency
    case winograd
    case imagewise
  }

  @Option(
    help: ArgumentHelp(
      "What convolutions and dense layers multiply in; auto takes bf16 where the processor "
        + "multiplies it itself. A resumed run in f32 keeps it.",
      valueName: "auto|f32|bf16"))
  var precision = PrecisionChoice.auto

  @Option(
    help: ArgumentHelp(
      "How convolutions are computed; auto, the default, measures each once on this machine and "
        + "takes the fastest. imagewise is direct and sums gradients image by image, so that "
        + "several ranks compute those of one. A resumed run keeps its own.",
      valueName: "auto|direct|frequency|winograd|imagewise"))
  var convolution: MethodChoice?

  /// The options of a training.
  ///
  /// - Parameters:
  ///   - seed: the seed of every random choice.
  ///   - machine: the configuration of the libraries.
  ///   - recorded: the methods of a run that is resumed.
  ///   - recordedPrecision: its precision, which `auto` keeps.
  /// - Returns: the options.
  /// - Throws: `ValidationError` for a precision that this processor does not have.
  func training(
    seed: Int, on machine: Machine, resuming recorded: ConvolutionChoices? = nil,
    recordedPrecision: Precision? = nil
  ) throws -> TrainingOptions {
    var options = TrainingOptions()
    options.seed = seed
    let keepsWide = precision == .auto && recordedPrecision == .float32
    options.precision = keepsWide ? .float32 : try resolvedPrecision()
    options.convolution = policy(on: machine, resuming: recorded)
    return options
  }

  /// The precision to compute in; the libraries must be started.
  func resolvedPrecision() throws -> Precision {
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

  /// How the methods of convolutions are chosen.
  ///
  /// - Parameters:
  ///   - machine: the configuration of the libraries.
  ///   - recorded: the methods of a run that is resumed.
  ///   - measures: whether a convolution without times is measured.
  /// - Returns: the policy.
  func policy(
    on machine: Machine, resuming recorded: ConvolutionChoices? = nil, measures: Bool = true
  ) -> ConvolutionPolicy {
    if convolution == nil, let recorded { return .recorded(recorded) }
    return switch convolution ?? .auto {
    case .auto:
      .measured(
        ConvolutionTimings(path: Self.timingsPath, machine: machine, measures: measures))
    case .direct: .direct
    case .frequency: .always(.frequency)
    case .winograd: .always(.winograd)
    case .imagewise: .always(.imagewise)
    }
  }

  /// The file of measured times in the user's cache folder; `nil` if there is no such folder.
  private static var timingsPath: String? {
    UserFolders.cache.map { "\($0)/convolutions.json" }
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
}

/// The options that choose a recipe and change it.
struct RecipeOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp("A recipe's name or FILE.yaml; follows from the dataset.", valueName: "name")
  )
  var recipe: String?

  @Flag(help: "Reproduce what the authors' program did, with its errors.")
  var faithful = false

  @Option(help: ArgumentHelp("Number of epochs, in place of the recipe's.", valueName: "n"))
  var epochs: Int?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Replace or add a value of the recipe, as batch=64.", valueName: "key=value"))
  var settings: [Setting] = []

  func validate() throws {
    guard epochs ?? 1 >= 1 else { throw ValidationError("--epochs must be 1 or more.") }
  }

  /// Throws if no recipe has the given name, so that a misspelled name is told before anything is read.
  func checkName() throws {
    if let recipe { _ = try RecipeFinder.path(of: recipe) }
  }

  /// The recipe that is named or, without a name, `begun` or the default for the data; changed as the
  /// user says.
  func resolved(for data: TrainingData, begun: String? = nil) throws -> Recipe {
    let shape = try data.stores.shape()
    let samples = InputSamples(
      width: shape.width, height: shape.height, channels: shape.channels)
    var all = settings.map { (key: $0.key, value: $0.value) }
    if let epochs { all.append((key: "epochs", value: "\(epochs)")) }
    let library = try RecipeFinder.library()
    let name =
      try recipe ?? begun
      ?? library.defaultRecipe(
        dataset: data.stores.catalogs[0].datasets().first ?? "none",
        identities: data.training.identities.count, samples: samples
      ).name
    let path = try RecipeFinder.path(of: name)
    func read(_ settings: [(key: String, value: String)]) throws -> Recipe {
      try Recipe.read(
        path, settings: settings, library: library, isFaithful: faithful, samples: samples)
    }
    do { return try read(all) } catch let error as ConfigurationError {
      guard !all.isEmpty, (try? read([])) != nil else { throw error }
      // The file is right: what was given beside it is not.
      let given =
        settings.map { " --set \($0.key)=\($0.value)" } + (epochs.map { [" --epochs \($0)"] } ?? [])
      throw ConfigurationError(
        what: error.what, path: "\(name) with\(given.joined())", reason: error.reason)
    }
  }
}

/// Finds the protocol that a command uses.
enum ProtocolFinder {
  /// The named protocol, or the only one in the store.
  static func find(_ name: String?, in catalog: Catalog) throws -> ProtocolSummary {
    if let name { return try catalog.protocolSummary(name) }
    let all = try catalog.protocols()
    guard let first = all.first else { throw TrainError.noPairs(store: catalog.storeName) }
    guard all.count == 1 else { throw TrainError.severalProtocols(all.map(\.name)) }
    return first
  }
}
