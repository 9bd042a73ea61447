import MessagePassing

/// An error when building or running a network.
public enum NeuralError: Error, Equatable, Sendable {
  /// The input of a layer does not fit; `path` is the position of the layer, counted from 0.
  case doesNotFit(layer: String, path: String, input: String, needs: String)
  /// An option of a layer, loss or optimiser is invalid.
  case badOption(what: String, reason: String)
  /// oneDNN failed to perform an operation of a layer.
  case library(layer: String, operation: String)
  /// The processes of a training could not exchange values.
  case ranks(MessagePassingError)
  /// The weights do not belong to this network.
  case foreignWeights(reason: String)
}
