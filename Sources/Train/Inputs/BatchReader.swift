import Catalog
import Neural

/// Fills a tower's input: samples of a store, augmented while training, normalised.
///
/// A class because it owns memory for the bytes of a batch and the statistics of the training images.
package final class BatchReader {
  /// A sample and the row of the batch that it is wanted in.
  package typealias Item = (id: Int, row: Int)

  /// What is known of the training images.
  private(set) var statistics = InputStatistics.none

  private let samples: SampleReader
  private let kind: InputNormalization
  private let input: ActivationShape
  private let augmenter: Augmenter?
  private let rows: Int
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  /// `nil` until the statistics are there.
  private var normalizer: InputNormalizer?

  /// A reader of batches of up to `rows` samples, as the recipe wants them.
  ///
  /// - Throws: ``TrainError``; also for a store of other samples, and for a normalisation or
  ///   augmentation that cannot be.
  package init(_ catalog: Catalog, recipe: Recipe, rows: Int) throws {
    samples = try SampleReader(catalog)
    try recipe.check(samples.shape)
    kind = recipe.normalization ?? .unit
    let input = recipe.inputShape
    self.input = input
    self.rows = max(rows, Self.fitRows)
    // Made for its refusals alone: a recipe that cannot be is to be refused before anything else.
    _ = try NormalizationFit(recipe.normalization ?? .unit, input: input)
    let steps = recipe.augmentation ?? []
    augmenter = steps.isEmpty ? nil : try Augmenter(steps, input: input)
    bytes = .allocate(capacity: self.rows * input.count)
  }

  deinit { bytes.deallocate() }

  /// Images that are added to a fit at once; part of what sums of floats depend on.
  private static let fitRows = 64

  /// Learns what the normalisation has to know from the samples that training may see, and from no
  /// others.
  package func fit(_ ids: [Int]) throws {
    let (kind, input) = (kind, input)
    let fit = try NormalizationFit(kind, input: input)
    let ids = ids.sorted()
    for _ in 0..<fit.passes {
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

  /// Takes statistics that were learned before.
  ///
  /// - Throws: ``TrainError/network(_:)`` when they are of something else.
  func use(_ statistics: InputStatistics) throws {
    let (kind, input, rows) = (kind, input, rows)
    normalizer = try InputNormalizer(kind, input: input, rows: rows, statistics: statistics)
    self.statistics = statistics
  }

  /// Writes samples to their rows of `target`, `[rows] + input`; other rows stay as they are.
  ///
  /// - Parameters:
  ///   - items: the samples; those of neighbouring rows are worked on together.
  ///   - target: receives them.
  ///   - place: where in a training the batch stands; `nil` for samples as they are.
  /// - Throws: ``TrainError``.
  /// - Precondition: the statistics are there.
  package func read(
    _ items: [Item], to target: FloatBuffer, augmentedAt place: Augmenter.Place?
  ) throws {
    guard let normalizer else { preconditionFailure("neither fit nor use was called") }
    var start = 0
    while start < items.count {
      let row = items[start].row
      var end = start + 1
      while end < items.count, items[end].row == row + end - start { end += 1 }
      let first = try copy(items[start..<end].lazy.map(\.id))
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

  /// Copies samples one after the other, out of the mapped shards, to where threads can share them.
  private func copy(_ ids: some Collection<Int>) throws -> UnsafePointer<UInt8> {
    guard let start = bytes.baseAddress else { preconditionFailure("samples have pixels") }
    precondition(ids.count <= rows, "\(ids.count) samples in memory for \(rows)")
    var next = start
    for id in ids {
      try samples.read(id, to: next)
      next += input.count
    }
    return UnsafePointer(start)
  }
}
