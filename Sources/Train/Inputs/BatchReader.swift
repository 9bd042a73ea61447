import Catalog
import Neural

/// Reads samples of a store into a tower's input, augmented during training, then normalised.
///
/// A class because it owns memory for the bytes of a batch and the statistics of the training
/// images. Only one thread at a time may use it.
package final class BatchReader {
  /// A sample and its row in the batch.
  package typealias Item = (id: Int, row: Int)

  /// The statistics of the training images.
  private(set) var statistics = InputStatistics.none

  /// The stores of the samples.
  let stores: StoreSet
  private let samples: SampleReader
  private let kind: InputNormalization
  private let input: ActivationShape
  private let augmenter: Augmenter?
  private let rows: Int
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  /// `nil` until the statistics are set.
  private var normalizer: InputNormalizer?

  /// Creates a reader of batches of up to `rows` samples, as described in the recipe.
  ///
  /// - Parameters:
  ///   - stores: the stores of the samples.
  ///   - recipe: the recipe.
  ///   - rows: the maximum number of samples at once.
  ///   - verifies: whether the SHA-256 of each shard is checked on first use.
  /// - Throws: ``TrainError``; also if the stores' samples do not fit, or the normalisation or
  ///   augmentation is invalid.
  package init(
    _ stores: StoreSet, recipe: Recipe, rows: Int, verifies: Bool = true
  ) throws {
    self.stores = stores
    samples = try SampleReader(stores, verifies: verifies)
    try recipe.check(samples.shape)
    kind = recipe.normalization ?? .unit
    let input = recipe.inputShape
    self.input = input
    self.rows = max(rows, Self.fitRows)
    // Created only to validate it: an invalid recipe must be rejected before any other work.
    _ = try NormalizationFit(recipe.normalization ?? .unit, input: input)
    let steps = recipe.augmentation ?? []
    augmenter = steps.isEmpty ? nil : try Augmenter(steps, input: input)
    bytes = .allocate(capacity: self.rows * input.count)
  }

  deinit { bytes.deallocate() }

  /// Number of images added to a fit at once.
  ///
  /// Sums of floats depend on it.
  private static let fitRows = 64

  /// Computes the statistics of the normalisation from the given samples only, which must be those
  /// that training may use.
  package func fit(_ ids: [Int]) throws {
    let (kind, input) = (kind, input)
    let fit = try NormalizationFit(kind, input: input)
    let ids = ids.sorted()
    for _ in 0..<fit.passes {
      stores.willRead(ids)
      for start in stride(from: 0, to: ids.count, by: Self.fitRows) {
        let part = ids[start..<min(start + Self.fitRows, ids.count)]
        let first = try copy(part)
        fit.add(first, rows: part.count)
        guard !Task.isCancelled else { throw TrainError.interrupted }
      }
      fit.endPass()
    }
    try use(try fit.statistics())
  }

  /// Sets statistics that were computed earlier.
  ///
  /// - Throws: ``TrainError/network(_:)`` if they belong to another normalisation or other inputs.
  func use(_ statistics: InputStatistics) throws {
    let (kind, input, rows) = (kind, input, rows)
    normalizer = try InputNormalizer(kind, input: input, rows: rows, statistics: statistics)
    self.statistics = statistics
  }

  /// Writes samples to their rows of `target`, `[rows] + input`; other rows do not change.
  ///
  /// - Parameters:
  ///   - items: the samples; samples in adjacent rows are processed together.
  ///   - target: receives the samples.
  ///   - place: the position of the batch in the training; `nil` for no augmentation.
  ///   - isMirrored: whether the samples are mirrored left to right first.
  /// - Throws: ``TrainError``.
  /// - Precondition: The statistics are set.
  package func read(
    _ items: [Item], to target: FloatBuffer, augmentedAt place: Augmenter.Place?,
    isMirrored: Bool = false
  ) throws {
    guard let normalizer else { preconditionFailure("neither fit nor use was called") }
    var start = 0
    while start < items.count {
      let row = items[start].row
      var end = start + 1
      while end < items.count, items[end].row == row + end - start { end += 1 }
      let first = try copy(items[start..<end].lazy.map(\.id))
      if isMirrored { input.mirror(first, rows: end - start) }
      let values = target.start + row * input.count
      if let place, let augmenter {
        augmenter.augment(first, rows: row..<row + end - start, place: place, to: values)
        normalizer.normalize(values, rows: end - start)
      } else {
        normalizer.normalize(first, rows: end - start, to: values)
      }
      start = end
    }
  }

  /// Reads samples into contiguous memory.
  private func copy(_ ids: some Collection<Int>) throws -> UnsafeMutablePointer<UInt8> {
    guard let start = bytes.baseAddress else { preconditionFailure("samples have pixels") }
    precondition(ids.count <= rows, "\(ids.count) samples in memory for \(rows)")
    var next = start
    for id in ids {
      try samples.read(id, to: next)
      next += input.count
    }
    return start
  }
}
