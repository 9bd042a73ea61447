import Configuration

/// A softmax over all identities plus, times a weight, a contrastive loss over all pairs of the
/// step: y d^2 / 2 + (1 - y) max(margin - d, 0)^2 / 2.
///
/// Genuine and impostor pairs have the same total weight, because a step has far more impostor
/// pairs. Source: Sun, Wang and Tang, Deep Learning Face Representation by Joint
/// Identification-Verification, 2014, equations 2, 3 and 5.
struct IdentificationVerificationLoss: LossKind {
  package static let name = "identification-verification"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  /// The factor of the contrastive loss; 0.05 in the source.
  let weight: Float
  /// The distance that impostor pairs should have.
  let margin: Float
  /// The initial weights of the classes; defaults to Glorot uniform.
  var kernelInitializer: Initializer?
  /// L2 weight decay on the weights of the classes; defaults to 0.
  var l2: Float?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case weight, margin, l2
    case kernelInitializer = "kernel-initializer"
  }

  var targets: LossTargets { .groups }
  var distance: Distance? { .euclidean }

  func check() throws(NeuralError) {
    guard margin > 0, margin.isFinite, weight >= 0, weight.isFinite else {
      throw .badOption(
        what: Self.name, reason: "margin must be more than 0, and weight 0 or more")
    }
  }

  func makeFunction(_ context: LossContext) throws(NeuralError) -> any LossFunction {
    IdentificationVerificationFunction(
      self,
      head: try IdentificationLoss(kernelInitializer: kernelInitializer, l2: l2).makeHead(context))
  }
}

/// The joint loss during training.
private final class IdentificationVerificationFunction: LossFunction {
  private let loss: IdentificationVerificationLoss
  private let head: IdentificationHead
  /// The gradient of the contrastive loss; reused by the next step of the same number of rows.
  private var verification = FloatBuffer(count: 0)

  init(_ loss: IdentificationVerificationLoss, head: IdentificationHead) {
    self.loss = loss
    self.head = head
  }

  var parameters: [Parameter] { head.parameters }
  var classes: Int? { head.classes }

  func evaluate(
    _ embeddings: FloatBuffer, length: Int, labels: LossLabels, gradient: FloatBuffer
  ) throws(NeuralError) -> LossValue {
    var value = try head.evaluate(embeddings, length: length, labels: labels, gradient: gradient)
    if verification.count != gradient.count { verification = FloatBuffer(count: gradient.count) }
    verification.start.update(repeating: 0, count: verification.count)
    value.data += loss.weight * verify(embeddings, length: length, identities: labels.identities)
    for index in 0..<gradient.count {
      gradient.start[index] += loss.weight * verification.start[index]
    }
    return value
  }

  /// The contrastive loss over all pairs of rows; adds its gradient to `verification`.
  private func verify(_ embeddings: FloatBuffer, length: Int, identities: [Int]) -> Float {
    var counts = (genuine: 0, impostor: 0)
    for row in identities.indices {
      for other in identities.indices.dropFirst(row + 1) {
        if identities[row] == identities[other] {
          counts.genuine += 1
        } else {
          counts.impostor += 1
        }
      }
    }
    let shares = (
      genuine: counts.genuine > 0 ? 0.5 / Float(counts.genuine) : 0,
      impostor: counts.impostor > 0 ? 0.5 / Float(counts.impostor) : 0
    )
    var sum: Float = 0
    for row in identities.indices {
      for other in identities.indices.dropFirst(row + 1) {
        let isGenuine = identities[row] == identities[other]
        let share = isGenuine ? shares.genuine : shares.impostor
        sum += share * add(row, other, isGenuine, share, embeddings, length)
      }
    }
    return sum
  }

  /// Returns the loss of two rows and adds its gradient times `share`.
  private func add(
    _ row: Int, _ other: Int, _ isGenuine: Bool, _ share: Float, _ embeddings: FloatBuffer,
    _ length: Int
  ) -> Float {
    let (left, right) = (embeddings.start + row * length, embeddings.start + other * length)
    var squared: Float = 0
    for index in 0..<length {
      let difference = left[index] - right[index]
      squared += difference * difference
    }
    let distance = max(squared, PairRows.epsilon).squareRoot()
    let gap = max(loss.margin - distance, 0)
    let factor = isGenuine ? share : squared > PairRows.epsilon ? -share * gap / distance : 0
    if factor != 0 {
      for index in 0..<length {
        let step = factor * (left[index] - right[index])
        verification.start[row * length + index] += step
        verification.start[other * length + index] -= step
      }
    }
    return isGenuine ? squared / 2 : gap * gap / 2
  }
}
