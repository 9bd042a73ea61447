/// What is known of the rows of a step.
public enum LossLabels: Sendable, Equatable {
  /// Whether each pair is genuine; left samples are rows `0..<half`, right ones `half..<2 half`.
  case genuine([Bool])
  /// The identity of each row.
  case identities([Int])

  /// The labels of pairs.
  ///
  /// - Precondition: they are of pairs.
  var genuine: [Bool] {
    guard case .genuine(let genuine) = self else {
      preconditionFailure("the loss is over pairs: its recipe was not checked")
    }
    return genuine
  }

  /// The identities of rows.
  ///
  /// - Precondition: they are of rows.
  var identities: [Int] {
    guard case .identities(let identities) = self else {
      preconditionFailure("the loss is over identities: its recipe was not checked")
    }
    return identities
  }
}

/// What a loss is over, which a sampler must provide.
public enum LossTargets: Sendable {
  /// Pairs, genuine or impostor.
  case pairs
  /// Several samples of each identity in a step.
  case groups
  /// Samples with their identities, which are classes.
  case classes
}

/// A loss as a step computes it, with the weights that belong to it rather than to the tower.
///
/// A class bound protocol because some own weights and memory.
public protocol LossFunction: AnyObject {
  /// What training changes beside the tower.
  var parameters: [Parameter] { get }
  /// How many identities have weights of their own; `nil` where none has.
  var classes: Int? { get }

  /// The loss of the embeddings of a step.
  ///
  /// - Parameters:
  ///   - embeddings: `[rows, length]`.
  ///   - length: how long an embedding is.
  ///   - labels: what is known of the rows.
  ///   - gradient: receives the gradient of the embeddings, `[rows, length]`.
  /// - Returns: the loss of the data; the gradients of ``parameters`` are written beside.
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
