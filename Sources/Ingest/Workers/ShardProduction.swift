import Catalog
import Imaging

/// Distributes the work to the workers, and writes the rows of each shard once its file is in
/// place.
struct ShardProduction {
  private let workers: [IngestWorker]
  private let configuration: SampleConfiguration
  private let catalog: Catalog
  private let isRefresh: Bool
  private let cancellation: Cancellation

  /// - Parameters:
  ///   - workers: make the parts of the shards.
  ///   - configuration: the conversion of images to samples.
  ///   - catalog: receives the rows.
  ///   - isRefresh: whether files may already be in the store.
  ///   - cancellation: stops the workers.
  init(
    _ workers: [IngestWorker], configuration: SampleConfiguration, catalog: Catalog,
    isRefresh: Bool, cancellation: Cancellation
  ) {
    self.workers = workers
    self.configuration = configuration
    self.catalog = catalog
    self.isRefresh = isRefresh
    self.cancellation = cancellation
  }

  /// A completed operation.
  private enum Event: Sendable {
    case made(IngestWorker, Result<ShardOutcome?, any Error>)
    case committed(Result<Void, any Error>)
  }

  /// Makes all shards of a plan.
  ///
  /// - Returns: the counts of this run's samples and rejections.
  /// - Throws: `CancellationError` if the task is cancelled, or the first error of a worker.
  func makeShards(
    of plan: inout ShardPlan, settingsCheck: SettingsCheck
  ) async throws -> IngestSummary {
    var summary = IngestSummary()
    let result = await withTaskCancellationHandler {
      await run(&plan, settingsCheck, &summary)
    } onCancel: {
      cancellation.request()
    }
    try result.get()
    return summary
  }

  private func run(
    _ plan: inout ShardPlan, _ settingsCheck: SettingsCheck, _ summary: inout IngestSummary
  ) async -> Result<Void, any Error> {
    var settingsCheck = settingsCheck
    return await withTaskGroup(
      of: Event.self, returning: Result<Void, any Error>.self
    ) { group in
      do {
        try await makeAll(&plan, &settingsCheck, &summary, &group)
        if !cancellation.isRequested { try settingsCheck.finish() }
        return cancellation.isRequested ? .failure(CancellationError()) : .success(())
      } catch {
        cancellation.request()
        await group.waitForAll()
        return .failure(error)
      }
    }
  }

  private func makeAll(
    _ plan: inout ShardPlan, _ settingsCheck: inout SettingsCheck, _ summary: inout IngestSummary,
    _ group: inout TaskGroup<Event>
  ) async throws {
    var parts = PartQueue(configuration, catalog.folder, shardLimit: workers.count + 1)
    let commits = CommitQueue(catalog, isRefresh: isRefresh)
    var idle = workers
    repeat {
      while !cancellation.isRequested, let worker = idle.last, let next = try parts.next(&plan) {
        idle.removeLast()
        group.addTask { .made(worker, await worker.make(next.part, of: next.shard)) }
      }
      guard let event = await group.next() else { return }
      switch event {
      case .made(let worker, let result):
        idle.append(worker)
        guard let outcome = try result.get() else { continue }
        try settingsCheck.add(outcome)
        summary.count(outcome)
        // Apart from here, so that the workers go on while the rows are written.
        group.addTask { .committed(await commits.commit(outcome)) }
      case .committed(let result):
        try result.get()
        // Counted here, so that no more shards are begun while many wait for their rows.
        parts.finished += 1
      }
    } while true
  }
}
