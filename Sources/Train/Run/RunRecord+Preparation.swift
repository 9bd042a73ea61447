import Catalog
import Neural
import Shards

extension RunRecord {
  /// Describes a run that is prepared.
  ///
  /// A run that is resumed has the initial weights that it began with, `begun`.
  init(
    _ recipe: Recipe, data: TrainingData, options: TrainingOptions, machine: Machine,
    network: TrainedNetwork, begun: RunRecord?
  ) throws {
    self.recipe = recipe.name
    recipeDigest = Digest.sha256(recipe.yaml.utf8)
    faithful = recipe.faithful ?? false
    storeDigest = try data.stores.digest()
    ingest = try data.stores.catalogs.map { try $0.configuration() ?? "" }
    `protocol` = data.protocolName
    protocolDigest = try data.stores.digest(ofProtocol: data.protocolName)
    fold = data.fold
    initialWeights = options.initial?.digest ?? begun?.initialWeights
    initialWeightsUnknown =
      options.initial.flatMap { $0.isUnknown ? true : nil } ?? begun?.initialWeightsUnknown
    seed = options.seed
    threads = Machine.threads
    instructionSet = machine.instructionSet
    openblas = machine.openblas
    kernels = machine.kernels
    onednn = machine.onednn
    convolution = network.tower.convolutions.description
    if let begun {
      // Evaluations of a resumed run stay as they were.
      inferenceConvolution = begun.inferenceConvolution
    } else {
      // Only rank 0 writes the record.
      let isWriter = options.group?.isFirst ?? true
      inferenceConvolution =
        isWriter ? try Embedder.convolutions(of: recipe, options.convolution).description : nil
    }
    precision = network.tower.precision.rawValue
    ranks = options.group?.count
    synchronizedNormalization = options.group.map { _ in options.synchronizesNormalization }
    parameters = network.parameters.reduce(0) { $0 + $1.count }
    classes = network.loss.classes
  }
}
