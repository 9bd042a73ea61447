internal import CKernels

/// The options of a softmax over cosines with a margin.
public struct MarginSoftmaxOptions: Codable, Equatable, Sendable {
  /// The margin: an angle in radians for ArcFace, 0.5 unless given; a cosine for CosFace, 0.35.
  public let margin: Float?
  /// What cosines are multiplied with to be logits; 64 unless given.
  public let scale: Float?
  /// How the weights of the classes begin; normal with mean 0 and deviation 0.05 unless given.
  public let weights: Initializer?
  /// L2 weight decay on the weights of the classes; 0 unless given.
  public let l2: Float?

  /// The options of a loss.
  ///
  /// - Parameters:
  ///   - margin: the margin.
  ///   - scale: what cosines are multiplied with.
  ///   - weights: how the weights of the classes begin.
  ///   - l2: weight decay on them.
  public init(
    margin: Float? = nil, scale: Float? = nil, weights: Initializer? = nil, l2: Float? = nil
  ) {
    self.margin = margin
    self.scale = scale
    self.weights = weights
    self.l2 = l2
  }

  func check(_ name: String, margins: Range<Float>) throws(NeuralError) {
    func refuse(_ reason: String) -> NeuralError { .badOption(what: name, reason: reason) }
    guard margins.contains(margin ?? 0) else {
      throw refuse("margin must be in \(margins.lowerBound)..<\(margins.upperBound)")
    }
    guard scale ?? 64 > 0, scale ?? 64 <= 10_000 else {
      throw refuse("scale must be more than 0 and at most 10000")
    }
    guard l2 ?? 0 >= 0, (l2 ?? 0).isFinite else {
      throw refuse("l2 must be 0 or more")
    }
  }
}

/// One direction for each identity of the training side, and a softmax over the cosines of an
/// embedding with all of them; only for training, scores are cosines of embeddings.
///
/// A class because it owns weights that the optimiser moves.
public final class ClassificationHead {
  /// The weights, `classes.kernel`, `[classes, length]`.
  public let parameters: [Parameter]
  private let kernel: Parameter
  private let classes: Int
  private let length: Int
  private let softmax: CMarginSoftmax
  private let unitWeights: FloatBuffer
  private let weightLengths: FloatBuffer
  /// What a step of so many rows works in, kept for the next.
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

  /// A head over embeddings of `length` numbers.
  ///
  /// - Parameters:
  ///   - loss: ArcFace or CosFace.
  ///   - classes: how many identities there are, 2 or more.
  ///   - length: how long an embedding is.
  ///   - seed: what the first weights are drawn from.
  /// - Throws: ``NeuralError/badOption(what:reason:)``, also for another loss.
  public init(_ loss: Loss, classes: Int, length: Int, seed: Int) throws(NeuralError) {
    try loss.check()
    let options: MarginSoftmaxOptions
    switch loss {
    case .arcFace(let given), .cosFace(let given): options = given
    default: throw .badOption(what: loss.name, reason: "it has no classes")
    }
    guard classes >= 2 else {
      throw .badOption(what: loss.name, reason: "there must be 2 identities or more to tell apart")
    }
    let isAngular = if case .arcFace = loss { true } else { false }
    self.classes = classes
    self.length = length
    softmax = CMarginSoftmax(
      rows: 0, classes: classes, scale: options.scale ?? 64,
      margin: options.margin ?? (isAngular ? 0.5 : 0.35), angular: isAngular ? 1 : 0)
    let context = LayerContext(
      input: .features(length), rows: 1, seed: seed, isTrainable: true
    ).over(.features(length), named: "classes")
    kernel = try context.parameter(
      "kernel", shape: [classes, length],
      options.weights ?? .normal(mean: 0, deviation: 0.05), fanIn: length, fanOut: classes,
      l2: options.l2 ?? 0)
    parameters = [kernel]
    unitWeights = FloatBuffer(count: classes * length)
    weightLengths = FloatBuffer(count: classes)
  }

  /// The mean over rows of -ln softmax at the row's class.
  ///
  /// With unit embeddings X and unit weights W, cos = X W^T; dX = G W and dW = G^T X for the gradient
  /// G of the cosines, then both through their division by their lengths.
  ///
  /// - Parameters:
  ///   - embeddings: `[rows, length]`.
  ///   - labels: the class of each row, each in 0..<classes; may be fewer than rows, those behind
  ///     count for nothing.
  ///   - gradient: receives the gradient of the embeddings, `[rows, length]`.
  /// - Returns: the loss, 0 or more; the gradient of the weights is written beside.
  /// - Throws: ``NeuralError/library(layer:operation:)``.
  public func evaluate(
    _ embeddings: FloatBuffer, labels: [Int], gradient: FloatBuffer
  ) throws(NeuralError) -> LossValue {
    let rows = labels.count
    precondition(rows * length <= embeddings.count, "\(rows) labels for fewer rows")
    precondition(labels.allSatisfy { (0..<classes).contains($0) }, "a label is no class")
    gradient.start.update(repeating: 0, count: gradient.count)
    if work?.lengths.count != rows { work = Work(rows: rows, length: length, classes: classes) }
    guard let work else { preconditionFailure("it was made above") }
    let (unit, lengths, cosines, losses) = (work.unit, work.lengths, work.cosines, work.losses)
    ckernels_unit_rows(rows, length, embeddings.start, unit.start, lengths.start)
    ckernels_unit_rows(
      classes, length, kernel.values.start, unitWeights.start, weightLengths.start)
    try FloatBuffer.multiply(
      unit, unitWeights, into: cosines, transposeA: false, transposeB: true,
      sizes: (rows, classes, length), layer: "classes")
    var softmax = softmax
    softmax.rows = rows
    ckernels_margin_softmax(softmax, labels.map(Int32.init), cosines.start, losses.start)
    try FloatBuffer.multiply(
      cosines, unitWeights, into: gradient, transposeA: false, transposeB: false,
      sizes: (rows, length, classes), layer: "classes")
    try FloatBuffer.multiply(
      cosines, unit, into: kernel.gradient, transposeA: true, transposeB: false,
      sizes: (classes, length, rows), layer: "classes")
    ckernels_unit_rows_backward(rows, length, unit.start, lengths.start, gradient.start)
    ckernels_unit_rows_backward(
      classes, length, unitWeights.start, weightLengths.start, kernel.gradient.start)
    return LossValue(data: Float(losses.values.reduce(0) { $0 + Double($1) } / Double(rows)))
  }
}
