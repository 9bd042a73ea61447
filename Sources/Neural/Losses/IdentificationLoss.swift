import Foundation

/// A softmax over all identities on logits x W^T + b, with weights and a bias for each identity.
///
/// Source: Sun, Wang and Tang, Deep Learning Face Representation from Predicting 10,000 Classes,
/// 2014, equations 3 and 4.
struct IdentificationLoss: LossKind {
  package static let name = "identification"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  /// The initial weights of the classes; defaults to Glorot uniform.
  var kernelInitializer: Initializer?
  /// L2 weight decay on the weights of the classes; defaults to 0.
  var l2: Float?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case l2
    case kernelInitializer = "kernel-initializer"
  }

  var targets: LossTargets { .classes }
  var distance: Distance? { .cosine }

  func makeFunction(_ context: LossContext) throws(NeuralError) -> any LossFunction {
    try makeHead(context)
  }

  /// Creates the weights of the classes.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  func makeHead(_ context: LossContext) throws(NeuralError) -> IdentificationHead {
    let (length, classes) = (context.length, context.classes)
    guard classes >= 2 else {
      throw .badOption(
        what: Self.name, reason: "there must be 2 identities or more to tell apart")
    }
    let layer = LayerContext(
      input: .features(length), rows: 1, seed: context.seed, isTrainable: true
    ).over(.features(length), named: "classes")
    return IdentificationHead(
      kernel: try layer.parameter(
        "kernel", shape: [classes, length], kernelInitializer ?? .glorotUniform, fanIn: length,
        fanOut: classes, l2: l2 ?? 0),
      bias: try layer.parameter("bias", shape: [classes], .constant(value: 0)))
  }
}

/// The weights and the bias of ``IdentificationLoss``, `[classes, length]` and `[classes]`.
final class IdentificationHead: LossFunction {
  let parameters: [Parameter]
  private let kernel: Parameter
  private let bias: Parameter
  /// The logits of a step, then their gradient; reused by the next step of the same number of rows.
  private var logits = FloatBuffer(count: 0)

  init(kernel: Parameter, bias: Parameter) {
    self.kernel = kernel
    self.bias = bias
    parameters = [kernel, bias]
  }

  var classes: Int? { bias.count }

  /// The mean over rows of -ln softmax at the row's class; dz = (softmax - one-hot) / rows,
  /// dx = dz W, dW = dz^T x, db = the sum of dz over rows.
  func evaluate(
    _ embeddings: FloatBuffer, length: Int, labels: LossLabels, gradient: FloatBuffer
  ) throws(NeuralError) -> LossValue {
    let (labels, classes) = (labels.identities, bias.count)
    let rows = labels.count
    precondition(rows * length <= embeddings.count, "\(rows) labels for fewer rows")
    gradient.start.update(repeating: 0, count: gradient.count)
    if logits.count != rows * classes { logits = FloatBuffer(count: rows * classes) }
    try FloatBuffer.multiply(
      embeddings, kernel.values, into: logits, transposeA: false, transposeB: true,
      sizes: (rows, classes, length), layer: IdentificationLoss.name)
    bias.gradient.start.update(repeating: 0, count: classes)
    var sum = 0.0
    for (row, label) in labels.enumerated() {
      sum += differentiate(row: row, label: label, scale: 1 / Float(rows))
    }
    try FloatBuffer.multiply(
      logits, kernel.values, into: gradient, transposeA: false, transposeB: false,
      sizes: (rows, length, classes), layer: IdentificationLoss.name)
    try FloatBuffer.multiply(
      logits, embeddings, into: kernel.gradient, transposeA: true, transposeB: false,
      sizes: (classes, length, rows), layer: IdentificationLoss.name)
    return LossValue(data: Float(sum / Double(rows)))
  }

  /// Returns the loss of one row and replaces its logits by their gradient.
  private func differentiate(row: Int, label: Int, scale: Float) -> Double {
    let classes = bias.count
    precondition((0..<classes).contains(label), "\(label) is not one of \(classes) classes")
    let values = logits.start + row * classes
    for index in 0..<classes { values[index] += bias.values.start[index] }
    let own = values[label]
    // The largest logit is subtracted from all, so that no exponential overflows. NaN must
    // propagate.
    let largest = (0..<classes).reduce(values[0]) { max($0, values[$1]) }
    var total = 0.0
    for index in 0..<classes {
      values[index] = exp(values[index] - largest)
      total += Double(values[index])
    }
    for index in 0..<classes {
      let probability = Float(Double(values[index]) / total)
      values[index] = scale * (probability - (index == label ? 1 : 0))
      bias.gradient.start[index] += values[index]
    }
    return log(total) + Double(largest - own)
  }
}

extension Loss {
  /// A softmax over all identities on linear logits.
  package static func identification(
    kernelInitializer: Initializer? = nil, l2: Float? = nil
  ) -> Loss {
    .init(IdentificationLoss(kernelInitializer: kernelInitializer, l2: l2))
  }
}
