/// The labels of the rows of a step.
public enum LossLabels: Sendable, Equatable {
  /// Whether each pair is genuine; left samples are rows `0..<half`, right ones `half..<2 half`.
  case genuine([Bool])
  /// The identity of each row.
  case identities([Int])

  /// The labels of pairs.
  ///
  /// - Precondition: The labels are of pairs.
  var genuine: [Bool] {
    guard case .genuine(let genuine) = self else {
      preconditionFailure("the loss is over pairs: its recipe was not checked")
    }
    return genuine
  }

  /// The identities of rows.
  ///
  /// - Precondition: The labels are of rows.
  var identities: [Int] {
    guard case .identities(let identities) = self else {
      preconditionFailure("the loss is over identities: its recipe was not checked")
    }
    return identities
  }
}

/// The kind of samples that a loss needs and a sampler must provide.
public enum LossTargets: Sendable {
  /// Pairs, genuine or impostor.
  case pairs
  /// Several samples per identity in a step.
  case groups
  /// Samples with their identities as classes.
  case classes
}

/// A loss during training, with the weights that belong to the loss and not to the tower.
///
/// Bound to classes because some losses own weights and memory.
public protocol LossFunction: AnyObject {
  /// The trained parameters outside the tower.
  var parameters: [Parameter] { get }
  /// Number of identities with their own weights; `nil` if the loss has no such weights.
  var classes: Int? { get }

  /// The loss of the embeddings of a step.
  ///
  /// - Parameters:
  ///   - embeddings: `[rows, length]`.
  ///   - length: the length of an embedding.
  ///   - labels: the labels of the rows.
  ///   - gradient: receives the gradient of the embeddings, `[rows, length]`.
  /// - Returns: the loss of the data; the gradients of ``parameters`` are written to them.
  /// - Throws: ``NeuralError/library(layer:operation:)``.
  func evaluate(
    _ embeddings: FloatBuffer, length: Int, labels: LossLabels, gradient: FloatBuffer
  ) throws(NeuralError) -> LossValue
}

extension LossFunction {
  /// None.
  public var parameters: [Parameter] { [] }
  /// None.
  public var classes: Int? { nil }
}
