import CommandSupport
import Neural

extension NeuralError: ExplainedError {
  /// The message for the user.
  public var explanation: String {
    switch self {
    case .doesNotFit(let layer, let path, let input, let needs):
      "Layer \(path) of the tower, \(layer), gets \(input) and needs \(needs)."
    case .badOption(let what, let reason): "The recipe's \(what) cannot be built: \(reason)."
    case .library(let layer, let operation):
      "oneDNN failed at \(layer), \(operation): this machine has no memory left for it, or oneDNN "
        + "has no such shape."
    case .ranks(let error): error.explanation
    case .foreignWeights(let reason): "The weights cannot be loaded: \(reason)."
    }
  }
}
