import Catalog
import Datasets
import Foundation
import Imaging
import Maintenance
import Shards

/// Ingests the images of scans into the shards and rows of a store.
///
/// A shard holds the samples of a fixed sequence of new source files in sorted order. Its content
/// is therefore independent of the number of workers and of the other shards.
public struct IngestRun: Sendable {
  private let scans: [SourceScan]
  private let configuration: SampleConfiguration
  private let landmarks: LandmarkPredictor?
  private let options: IngestOptions
  private let progress: @Sendable (_ done: Int, _ total: Int) -> Void
  private let notice: @Sendable (StoreNotice) -> Void

  /// Creates a run over `scans`.
  ///
  /// - Parameters:
  ///   - scans: the images.
  ///   - configuration: the conversion of images to samples.
  ///   - landmarks: rotates faces upright; its SHA-256 is part of the configuration.
  ///   - options: the options of the run.
  ///   - notice: called when the run waits or starts another phase.
  ///   - progress: called by the workers after each image.
  public init(
    scans: [SourceScan], configuration: SampleConfiguration, landmarks: LandmarkPredictor? = nil,
    options: IngestOptions, notice: @escaping @Sendable (StoreNotice) -> Void = { _ in },
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
  ) {
    self.notice = notice
    self.scans = scans
    self.configuration = configuration
    self.landmarks = landmarks
    self.options = options
    self.progress = progress
  }

  /// Updates the store at `folder` with the images of the scans.
  ///
  /// - Throws: ``IngestError``, `CancellationError`, or an error of a lower module; data committed
  ///   before remains valid.
  public func run(into folder: StoreFolder) async throws -> IngestSummary {
    let notice = notice
    let writing = try StoreWriting(folder) { notice(.waitsForReader) }
    let catalog = writing.catalog
    let isNew = try catalog.shardNumbers().isEmpty
    do {
      let summary = try await bringUpToDate(catalog)
      catalog.finishWriting()
      _ = consume writing
      return summary
    } catch {
      // If this also fails, the next run removes the leftovers.
      try? writing.abandon()
      catalog.finishWriting()
      if isNew, case IngestError.allRejected = error { writing.remove() }
      throw error
    }
  }

  private func bringUpToDate(_ catalog: Catalog) async throws -> IngestSummary {
    try catalog.adopt(configuration: configuration.json)
    let scans = try DatasetRoots.claim(self.scans, in: catalog, movedFrom: options.movedFrom)
    try TaskClaim.claim(
      options.task, of: scans, limit: options.limit, listing: options.listing, in: catalog)
    if options.retriesRejected {
      for name in Set(scans.map(\.manifest.name)) {
        _ = try catalog.forgetRejections(dataset: name)
      }
    }
    var summary = try await work(scans, on: catalog)
    if options.task == nil {
      if options.refreshes {
        summary.outdatedProtocols = try catalog.protocolsWithReplacedSamples()
      }
      try NearDuplicates.refresh(catalog, notice: notice)
    }
    if options.dropsDuplicates {
      summary.dropped = try catalog.dropDuplicates()
    }
    return summary
  }

  private func work(
    _ scans: [SourceScan], on catalog: Catalog
  ) async throws -> IngestSummary {
    let taken = try catalog.shardNumbers()
    var stored: [Int] = []
    if !taken.isEmpty && options.task == nil {
      for scan in scans { stored.append(try MissingFiles(scan, in: catalog).knownCount()) }
    }
    var plan = try ShardPlan(
      scans, catalog: catalog, task: options.task, taken: taken, limit: options.limit,
      detector: ChangeDetector(maxBytes: configuration.maxBytes), refreshes: options.refreshes)
    let size = ShardPlan.size(scans, task: options.task, limit: options.limit)
    let meter = ProgressMeter(
      total: max(0, size.images - stored.reduce(0, +)), report: progress)
    let cancellation = Cancellation()
    let (axes, budget) = (AxisCache(), PixelBudget())
    let workers = (0..<max(1, options.jobs)).map { number in
      IngestWorker(
        number, configuration: configuration, landmarks: landmarks, axes: axes, budget: budget,
        isStrict: options.isStrict, cancellation: cancellation, advance: { meter.advance() })
    }
    let making = ShardProduction(
      workers, configuration: configuration, catalog: catalog, isRefresh: options.refreshes,
      cancellation: cancellation)
    let settingsCheck = SettingsCheck(
      configuration, isNew: taken.isEmpty, isTask: options.task != nil)
    var summary = try await making.makeShards(of: &plan, settingsCheck: settingsCheck)
    summary.skipped = plan.skipped
    summary.changed = plan.changed
    summary.forgotten = plan.forgottenImages
    if options.limit == nil {
      for (place, count) in stored.enumerated()
      where count > plan.known[place] || scans[place].pose != nil {
        summary.missing.add(
          try MissingFiles(scans[place], in: catalog).find())
      }
    }
    return summary
  }
}
