internal import CDlib
import Catalog
import Foundation
import Shards

/// What an ingest did.
public struct IngestSummary: Sendable, Equatable {
  /// Samples stored by this run.
  public var samples = 0
  /// Files rejected by this run.
  public var rejections = 0
  /// Images that the store knew already.
  public var skipped = 0
  /// Samples dropped by this run because another has the same bytes or pixels.
  public var dropped = 0
  /// Fiducial files that say no points.
  public var badFiducials = 0
  /// The shards made by this run.
  public var shards: Set<Int> = []

  mutating func count(_ outcome: ShardOutcome) {
    samples += outcome.samples.count
    rejections += outcome.rejections.count
    badFiducials += outcome.badFiducials
    shards.insert(outcome.shard.number)
  }
}

/// How an ingest runs; nothing of it changes a byte of a sample.
public struct IngestOptions: Sendable {
  /// How many workers; at least 1.
  public var jobs = 1
  /// Whether the first rejection ends the run.
  public var isStrict = false
  /// Only so many images, from the first; `nil` for all.
  public var limit: Int?
  /// Only this share of the shards; `nil` for all.
  public var task: IngestTask?
  /// Whether samples with the bytes or pixels of an earlier one are taken out.
  public var dropsDuplicates = false
  /// Whether files that were rejected before are tried again.
  public var retriesRejected = false

  /// The defaults: one worker, everything.
  public init() {}
}

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

  /// A run over `scans`.
  ///
  /// - Parameters:
  ///   - scans: the images.
  ///   - configuration: how they become samples.
  ///   - landmarks: what turns faces upright; its SHA-256 stands in the configuration.
  ///   - options: how to run.
  ///   - progress: called from the workers after every image.
  public init(
    scans: [SourceScan], configuration: IngestConfiguration, landmarks: LandmarkPredictor? = nil,
    options: IngestOptions, progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
  ) {
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
    let writing = try StoreWriting(folder)
    let catalog = writing.catalog
    try onCatalog { () throws(CatalogError) in
      try catalog.adopt(configuration: configuration.json)
    }
    let scans = try DatasetRoots.claim(self.scans, in: catalog)
    try claimTask(scans, in: catalog)
    if options.retriesRejected {
      for name in Set(scans.map(\.manifest.name)) {
        try onCatalog { () throws(CatalogError) in _ = try catalog.forgetRejections(dataset: name) }
      }
    }
    var summary: IngestSummary
    do throws(IngestError) {
      summary = try await work(scans, on: catalog)
    } catch {
      // Should this fail too, the next run does it.
      try? writing.abandon()
      throw error
    }
    if options.task == nil { try NearDuplicates.refresh(catalog) }
    if options.dropsDuplicates {
      summary.dropped = try onCatalog { () throws(CatalogError) in try catalog.dropDuplicates() }
    }
    _ = consume writing
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
    let taken = try onCatalog { () throws(CatalogError) in try catalog.shardNumbers() }
    let known = try taken.isEmpty || options.task != nil ? 0 : count(known: scans, catalog)
    var plan = ShardPlan(
      scans, catalog: catalog, task: options.task, taken: taken, limit: options.limit)
    let size = ShardPlan.size(scans, task: options.task, limit: options.limit)
    let meter = ProgressMeter(total: size.images - known, report: progress)
    let cancellation = Cancellation()
    let axes = AxisCache()
    let workers = (0..<max(1, options.jobs)).map { number in
      IngestWorker(
        number, configuration: configuration, landmarks: landmarks, axes: axes,
        isStrict: options.isStrict,
        cancellation: cancellation, advance: { meter.advance() })
    }
    var summary = IngestSummary()
    let result = await withTaskCancellationHandler {
      await makeShards(&plan, workers, catalog, &summary, cancellation)
    } onCancel: {
      cancellation.request()
    }
    try result.get()
    summary.skipped = plan.skipped
    return summary
  }

  private func count(known scans: [SourceScan], _ catalog: Catalog) throws(IngestError) -> Int {
    var plan = ShardPlan(scans, catalog: catalog, task: nil, taken: [], limit: options.limit)
    while try plan.next() != nil {}
    return plan.skipped
  }

  /// Something that was waited for.
  private enum Event: Sendable {
    case made(IngestWorker, Result<ShardOutcome?, IngestError>)
    case committed(Result<Void, IngestError>)
  }

  /// Keeps every worker busy and writes the rows of each shard once its file is in its place.
  private func makeShards(
    _ plan: inout ShardPlan, _ workers: [IngestWorker], _ catalog: Catalog,
    _ summary: inout IngestSummary, _ cancellation: Cancellation
  ) async -> Result<Void, IngestError> {
    var parts = PartQueue(configuration, catalog.folder, shardLimit: workers.count + 1)
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
            parts.finished += 1
            summary.count(outcome)
            // Apart from here, so that the workers go on while the rows are written.
            group.addTask { .committed(Self.commit(outcome, to: catalog)) }
          case .committed(let result): try result.get()
          }
        } while true
        return cancellation.isRequested ? .failure(.interrupted) : .success(())
      } catch {
        cancellation.request()
        await group.waitForAll()
        return .failure(error)
      }
    }
  }

  private static func commit(
    _ outcome: ShardOutcome, to catalog: Catalog
  ) -> Result<Void, IngestError> {
    do throws(CatalogError) {
      try catalog.add(outcome.shard, samples: outcome.samples, rejections: outcome.rejections)
      return .success(())
    } catch { return .failure(.catalog(error)) }
  }
}
