/// Why a network cannot be built or run.
public enum NeuralError: Error, Equatable, Sendable {
  /// A layer needs another input than the one it gets; `path` is its place, counted from 0.
  case doesNotFit(layer: String, path: String, input: String, needs: String)
  /// An option of a layer, loss or optimiser has no meaning.
  case badOption(what: String, reason: String)
  /// oneDNN refused an operation of a layer.
  case library(layer: String, operation: String)
  /// Weights that do not belong to this network.
  case foreignWeights(reason: String)
}
