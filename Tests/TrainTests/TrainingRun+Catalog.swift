import Catalog
import Neural

@testable import Train

extension TrainingRun {
  /// Prepares a run over one store.
  convenience init(
    recipe: Recipe, catalog: Catalog, protocolName: String, seed: Int, machine: Machine,
    precision: Precision = .float32, folder: RunFolder, isResumed: Bool
  ) throws {
    var options = TrainingOptions()
    options.seed = seed
    options.precision = precision
    options.isResumed = isResumed
    try self.init(
      recipe: recipe, data: TrainingData(StoreSet([catalog]), protocolName: protocolName),
      options: options, machine: machine, folder: folder)
  }
}
