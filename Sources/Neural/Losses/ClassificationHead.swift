internal import CKernels

/// A weight vector for each identity of the training side, and a softmax over the cosines of an
/// embedding with all of them.
///
/// Used only for training; scores are cosines of embeddings.
///
/// A class because it owns weights that the optimiser updates.
public final class ClassificationHead {
  /// The weights, `classes.kernel`, `[classes, length]`.
  public let parameters: [Parameter]
  private let kernel: Parameter
  private let classCount: Int
  private let length: Int
  private let softmax: CMarginSoftmax
  private let unitWeights: FloatBuffer
  private let weightLengths: FloatBuffer
  /// The memory of the last step, reused by the next step of the same number of rows.
  private var work: Work?

  private struct Work {
    let unit: FloatBuffer
    let lengths: FloatBuffer
    let cosines: FloatBuffer
    let losses: FloatBuffer

    init(rows: Int, length: Int, classes: Int) {
      unit = FloatBuffer(count: rows * length)
      lengths = FloatBuffer(count: rows)
      cosines = FloatBuffer(count: rows * classes)
      losses = FloatBuffer(count: rows)
    }
  }

  /// Creates a head over embeddings of `length` numbers.
  ///
  /// - Parameters:
  ///   - options: the options of the loss.
  ///   - name: the name of the loss, for errors.
  ///   - margin: the margin: an angle in radians or a cosine.
  ///   - isAngular: whether the margin is added to the angle instead of subtracted from the cosine.
  ///   - classes: the number of identities, 2 or more.
  ///   - length: the length of an embedding.
  ///   - seed: the seed of the initial weights.
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  init(
    _ options: MarginSoftmaxOptions, name: String, margin: Float, isAngular: Bool, classes: Int,
    length: Int, seed: Int
  ) throws(NeuralError) {
    guard classes >= 2 else {
      throw .badOption(what: name, reason: "there must be 2 identities or more to tell apart")
    }
    classCount = classes
    self.length = length
    softmax = CMarginSoftmax(
      rows: 0, classes: classes, scale: options.scale ?? 64,
      margin: margin, angular: isAngular ? 1 : 0, smoothing: options.smoothing ?? 0)
    let context = LayerContext(
      input: .features(length), rows: 1, seed: seed, isTrainable: true
    ).over(.features(length), named: "classes")
    kernel = try context.parameter(
      "kernel", shape: [classes, length],
      options.kernelInitializer ?? .normal(mean: 0, deviation: 0.05), fanIn: length,
      fanOut: classes,
      l2: options.l2 ?? 0)
    parameters = [kernel]
    unitWeights = FloatBuffer(count: classes * length)
    weightLengths = FloatBuffer(count: classes)
  }

  /// The mean over rows of -ln softmax at the row's class, or with smoothing of the cross-entropy with
  /// the smoothed target.
  ///
  /// With unit embeddings X and unit weights W, cos = X W^T. For the gradient G of the cosines, dX
  /// = G W and dW = G^T X; both then pass through the normalisation to unit length.
  ///
  /// - Parameters:
  ///   - embeddings: `[rows, length]`.
  ///   - labels: the class of each row, in 0..<classes; may be shorter than rows, the remaining
  ///     rows are ignored.
  ///   - gradient: receives the gradient of the embeddings, `[rows, length]`.
  /// - Returns: the loss, 0 or more; the gradient of the weights is written to ``parameters``.
  /// - Throws: ``NeuralError/library(layer:operation:)``.
  public func evaluate(
    _ embeddings: FloatBuffer, labels: [Int], gradient: FloatBuffer
  ) throws(NeuralError) -> LossValue {
    let rows = labels.count
    precondition(rows * length <= embeddings.count, "\(rows) labels for fewer rows")
    precondition(labels.allSatisfy { (0..<classCount).contains($0) }, "a label is not a class")
    gradient.start.update(repeating: 0, count: gradient.count)
    if work?.lengths.count != rows { work = Work(rows: rows, length: length, classes: classCount) }
    guard let work else { preconditionFailure("it was made above") }
    let (unit, lengths, cosines, losses) = (work.unit, work.lengths, work.cosines, work.losses)
    ckernels_unit_rows(rows, length, embeddings.start, unit.start, lengths.start)
    ckernels_unit_rows(
      classCount, length, kernel.values.start, unitWeights.start, weightLengths.start)
    try FloatBuffer.multiply(
      unit, unitWeights, into: cosines, transposeA: false, transposeB: true,
      sizes: (rows, classCount, length), layer: "classes")
    var softmax = softmax
    softmax.rows = rows
    ckernels_margin_softmax(softmax, labels.map(Int32.init), cosines.start, losses.start)
    try FloatBuffer.multiply(
      cosines, unitWeights, into: gradient, transposeA: false, transposeB: false,
      sizes: (rows, length, classCount), layer: "classes")
    try FloatBuffer.multiply(
      cosines, unit, into: kernel.gradient, transposeA: true, transposeB: false,
      sizes: (classCount, length, rows), layer: "classes")
    ckernels_unit_rows_backward(rows, length, unit.start, lengths.start, gradient.start)
    ckernels_unit_rows_backward(
      classCount, length, unitWeights.start, weightLengths.start, kernel.gradient.start)
    return LossValue(data: Float(losses.values.reduce(0) { $0 + Double($1) } / Double(rows)))
  }
}

extension ClassificationHead: LossFunction {
  /// Number of identities with weights.
  public var classes: Int? { classCount }

  /// The loss of a step; see ``evaluate(_:labels:gradient:)``.
  public func evaluate(
    _ embeddings: FloatBuffer, length: Int, labels: LossLabels, gradient: FloatBuffer
  ) throws(NeuralError) -> LossValue {
    try evaluate(embeddings, labels: labels.identities, gradient: gradient)
  }
}
