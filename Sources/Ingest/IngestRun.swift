internal import CDlib
import Catalog
import Foundation
import Shards

/// The libraries below.
public enum IngestLibraries {
  /// Ends what they start by themselves and an ingest has no use for.
  ///
  /// For a command to call before anything else.
  public static func settle() {
    cdlib_end_idle_threads()
  }
}

/// Turns the images of scans into shards and rows of a store.
///
/// A shard holds the samples of a fixed run of new source files in sorted order, so what is in it
/// depends neither on the number of workers nor on any other shard.
public struct IngestRun: Sendable {
  private let scans: [SourceScan]
  private let configuration: IngestConfiguration
  private let landmarks: LandmarkPredictor?
  private let options: IngestOptions
  private let progress: @Sendable (_ done: Int, _ total: Int) -> Void
  private let notice: @Sendable (IngestNotice) -> Void

  /// A run over `scans`.
  ///
  /// - Parameters:
  ///   - scans: the images.
  ///   - configuration: how they become samples.
  ///   - landmarks: what turns faces upright; its SHA-256 stands in the configuration.
  ///   - options: how to run.
  ///   - notice: called when the run waits or turns to something else.
  ///   - progress: called from the workers after every image.
  public init(
    scans: [SourceScan], configuration: IngestConfiguration, landmarks: LandmarkPredictor? = nil,
    options: IngestOptions, notice: @escaping @Sendable (IngestNotice) -> Void = { _ in },
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
  ) {
    self.notice = notice
    self.scans = scans
    self.configuration = configuration
    self.landmarks = landmarks
    self.options = options
    self.progress = progress
  }

  /// Brings the store at `folder` up to date with the scans.
  ///
  /// - Throws: ``IngestError``; what was committed before it stays and counts.
  public func run(into folder: StoreFolder) async throws(IngestError) -> IngestSummary {
    let notice = notice
    let writing = try StoreWriting(folder) { notice(.waitsForReader) }
    let catalog = writing.catalog
    let isNew = try onCatalog { () throws(CatalogError) in try catalog.shardNumbers().isEmpty }
    do throws(IngestError) {
      let summary = try await bringUpToDate(catalog)
      catalog.finishWriting()
      _ = consume writing
      return summary
    } catch {
      // Should this fail too, the next run does it.
      try? writing.abandon()
      catalog.finishWriting()
      if isNew, case .allRejected = error { writing.remove() }
      throw error
    }
  }

  private func bringUpToDate(_ catalog: Catalog) async throws(IngestError) -> IngestSummary {
    try onCatalog { () throws(CatalogError) in
      try catalog.adopt(configuration: configuration.json)
    }
    let scans = try DatasetRoots.claim(self.scans, in: catalog, movedFrom: options.movedFrom)
    try claimTask(scans, in: catalog)
    if options.retriesRejected {
      for name in Set(scans.map(\.manifest.name)) {
        try onCatalog { () throws(CatalogError) in _ = try catalog.forgetRejections(dataset: name) }
      }
    }
    var summary = try await work(scans, on: catalog)
    if options.task == nil {
      if options.refreshes {
        summary.outdatedProtocols = try onCatalog { () throws(CatalogError) in
          try catalog.protocolsWithReplacedSamples()
        }
      }
      try NearDuplicates.refresh(catalog, notice: notice)
    }
    if options.dropsDuplicates {
      summary.dropped = try onCatalog { () throws(CatalogError) in try catalog.dropDuplicates() }
    }
    return summary
  }

  /// Makes the store one of this share, or sees that it is, or that it is whole.
  private func claimTask(_ scans: [SourceScan], in catalog: Catalog) throws(IngestError) {
    let (stored, isNew) = try onCatalog { () throws(CatalogError) in
      (try catalog.taskShare(), try catalog.shardNumbers().isEmpty)
    }
    guard let task = options.task else {
      guard stored == nil else {
        throw .otherTask(
          folder: catalog.folder.path, stored: Self.describe(stored), asked: "all images")
      }
      return
    }
    let asked = TaskShare(
      index: task.index, count: task.count,
      listing: try ShardPlan.listing(scans, limit: options.limit),
      shards: ShardPlan.size(scans, task: nil, limit: options.limit).shards)
    if stored == nil && isNew {
      try onCatalog { () throws(CatalogError) in try catalog.adopt(asked) }
    } else if stored != asked {
      throw .otherTask(
        folder: catalog.folder.path, stored: Self.describe(stored), asked: Self.describe(asked))
    }
  }

  private static func describe(_ share: TaskShare?) -> String {
    guard let share else { return "all images" }
    return "share \(share.index) of \(share.count) of the listing \(share.listing.prefix(8))"
  }

  private func work(
    _ scans: [SourceScan], on catalog: Catalog
  ) async throws(IngestError) -> IngestSummary {
    let (taken, stored) = try onCatalog { () throws(CatalogError) in
      let taken = try catalog.shardNumbers()
      var stored: [Int] = []
      if !taken.isEmpty && options.task == nil {
        for scan in scans { stored.append(try MissingFiles(scan, in: catalog).knownCount()) }
      }
      return (taken, stored)
    }
    var plan = ShardPlan(
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
    var summary = IngestSummary()
    let result = await withTaskCancellationHandler {
      await makeShards(&plan, workers, catalog, &summary, cancellation, isNew: taken.isEmpty)
    } onCancel: {
      cancellation.request()
    }
    try result.get()
    summary.skipped = plan.skipped
    summary.changed = plan.changed
    if options.limit == nil {
      for (place, count) in stored.enumerated()
      where count > plan.known[place] || scans[place].pose != nil {
        summary.missing.add(
          try onCatalog { () throws(CatalogError) in
            try MissingFiles(scans[place], in: catalog).find()
          })
      }
    }
    return summary
  }

  /// Something that was waited for.
  private enum Event: Sendable {
    case made(IngestWorker, Result<ShardOutcome?, IngestError>)
    case committed(Result<Void, IngestError>)
  }

  /// Keeps every worker busy and writes the rows of each shard once its file is in its place.
  private func makeShards(
    _ plan: inout ShardPlan, _ workers: [IngestWorker], _ catalog: Catalog,
    _ summary: inout IngestSummary, _ cancellation: Cancellation, isNew: Bool
  ) async -> Result<Void, IngestError> {
    var parts = PartQueue(configuration, catalog.folder, shardLimit: workers.count + 1)
    let commits = CommitQueue(catalog, isRefresh: options.refreshes)
    var judge = SettingsJudge(configuration, isNew: isNew, first: options.task?.index ?? 0)
    return await withTaskGroup(
      of: Event.self, returning: Result<Void, IngestError>.self
    ) { group in
      do throws(IngestError) {
        var idle = workers
        repeat {
          while !cancellation.isRequested, let worker = idle.last,
            let next = try parts.next(&plan)
          {
            idle.removeLast()
            group.addTask { .made(worker, await worker.make(next.part, of: next.shard)) }
          }
          guard let event = await group.next() else { break }
          switch event {
          case .made(let worker, let result):
            idle.append(worker)
            guard let outcome = try result.get() else { continue }
            try judge.add(outcome)
            summary.count(outcome)
            // Apart from here, so that the workers go on while the rows are written.
            group.addTask { .committed(await commits.commit(outcome)) }
          case .committed(let result):
            try result.get()
            // Counted here, so that no more shards are begun while many wait for their rows.
            parts.finished += 1
          }
        } while true
        if !cancellation.isRequested { try judge.finish() }
        return cancellation.isRequested ? .failure(.interrupted) : .success(())
      } catch {
        cancellation.request()
        await group.waitForAll()
        return .failure(error)
      }
    }
  }
}
