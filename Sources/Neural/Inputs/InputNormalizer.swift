internal import CKernels
internal import COneDNN

/// Normalises batches of samples with fixed statistics.
///
/// A class because it owns memory for the rows of a batch. Not safe to share between threads; the
/// kernels parallelise their own work.
public final class InputNormalizer {
  private let kind: InputNormalization
  private let size: Int
  private let maxRows: Int
  private let images: CImages
  /// Repeated so that loops over the values are long.
  private let mean: FloatBuffer
  private let scale: FloatBuffer
  private let whitening: FloatBuffer?
  private let window: LocalContrastWindow?
  private let scratch: FloatBuffer

  /// The deviation of a feature must be greater than this for ZCA to divide by it.
  static let epsilon = 1e-8

  /// Creates a normaliser of up to `rows` samples per call.
  ///
  /// - Parameters:
  ///   - kind: the normalisation.
  ///   - input: the shape of one sample.
  ///   - rows: the maximum number of samples per call.
  ///   - statistics: the statistics of the training images.
  /// - Throws: ``NeuralError``; ``NeuralError/foreignWeights(reason:)`` for statistics of another
  ///   normalisation.
  public init(
    _ kind: InputNormalization, input: ActivationShape, rows: Int, statistics: InputStatistics
  ) throws(NeuralError) {
    try kind.check(input)
    try statistics.check(kind, input: input)
    self.kind = kind
    size = input.count
    maxRows = rows
    let (height, width, channels) =
      if case .image(let height, let width, let channels) = input {
        (height, width, channels)
      } else {
        (1, 1, input.count)
      }
    images = CImages(rows: rows, height: height, width: width, channels: channels)
    (mean, scale) = Self.standard(kind, statistics)
    whitening = kind == .zca ? FloatBuffer(statistics.whitening) : nil
    switch kind {
    case .localContrast(let options, let divides):
      let window = LocalContrastWindow(
        side: min(height, width), isFaithful: options.faithful ?? false, divides: divides)
      self.window = window
      scratch = FloatBuffer(count: window.scratch(for: images))
    case .zca:
      window = nil
      scratch = FloatBuffer(count: rows * size)
    case .unit, .raw, .symmetric, .fixedSymmetric, .standardize:
      window = nil
      scratch = FloatBuffer(count: 0)
    }
  }

  /// The values subtracted from the bytes and the factors that follow, repeated.
  private static func standard(
    _ kind: InputNormalization, _ statistics: InputStatistics
  ) -> (mean: FloatBuffer, scale: FloatBuffer) {
    var (mean, scale): ([Float], [Float])
    switch kind {
    case .unit: (mean, scale) = ([0], [1 / 255])
    case .raw, .symmetric: (mean, scale) = ([0], [1])
    case .fixedSymmetric: (mean, scale) = ([127.5], [1 / 127.5])
    case .standardize, .localContrast, .zca:
      let added = kind == .zca ? epsilon : 0
      mean = statistics.mean
      scale = statistics.deviation.map { $0 > 0 ? Float(1 / (Double($0) + added)) : 0 }
    }
    let times = (1_024 + mean.count - 1) / mean.count
    return (
      FloatBuffer([Float](repeatElement(mean, count: times).joined())),
      FloatBuffer([Float](repeatElement(scale, count: times).joined()))
    )
  }

  /// Normalises samples, `[rows] + input`, given as bytes.
  ///
  /// - Parameters:
  ///   - bytes: the samples.
  ///   - rows: the number of samples, up to the maximum of the normaliser.
  ///   - target: receives the values.
  public func normalize(
    _ bytes: UnsafePointer<UInt8>, rows: Int, to target: UnsafeMutablePointer<Float>
  ) {
    ckernels_standardize_bytes(standard(rows), bytes, target)
    finish(target, rows)
  }

  /// Normalises samples, `[rows] + input`, in place; the values are on the scale 0...255.
  public func normalize(_ values: UnsafeMutablePointer<Float>, rows: Int) {
    ckernels_standardize(standard(rows), values)
    finish(values, rows)
  }

  private func standard(_ rows: Int) -> CStandard {
    precondition(rows <= maxRows, "\(rows) rows in memory for \(maxRows)")
    return CStandard(
      count: rows * size, period: mean.count, mean: mean.start, scale: scale.start)
  }

  /// The steps that follow after each value was standardised.
  private func finish(_ values: UnsafeMutablePointer<Float>, _ rows: Int) {
    var images = images
    images.rows = rows
    switch kind {
    case .unit, .raw, .fixedSymmetric, .standardize: return
    case .symmetric: ckernels_stretch(images, values)
    case .localContrast: window?.apply(to: values, images, scratch: scratch)
    case .zca:
      guard let whitening else { return }
      scratch.start.update(from: values, count: rows * size)
      // The matrix is symmetric: x W^T = x W.
      // oneDNN and not OpenBLAS: its threads can be limited to the calling one.
      let status = conednn_multiply(
        0, 0, rows, size, size, scratch.start, whitening.start, 0, values)
      precondition(status == 0, "a product of matrices of valid sizes")
    }
  }
}
