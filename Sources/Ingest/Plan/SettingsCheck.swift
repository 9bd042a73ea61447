import Catalog
import Imaging
import Maintenance

/// Detects a setting that rejects all files of a new store, so that no store remains that would
/// refuse the corrected settings.
///
/// The result depends on the lowest shard or on all shards, but not on the order in which they are
/// made. A task sees its own shards only, so that it judges by shard 0 alone; the merge of all tasks
/// judges by all shards.
struct SettingsCheck {
  private let configuration: SampleConfiguration
  private let isNew: Bool
  private let isTask: Bool
  private var hasSamples = false
  private var reasons: Set<RejectionReason> = []
  private var count = 0
  private var example: (shard: Int, rejection: Rejection)?

  /// Creates a judge for a run that creates a store if `isNew`, or a share of one if `isTask`.
  init(_ configuration: SampleConfiguration, isNew: Bool, isTask: Bool) {
    self.configuration = configuration
    self.isNew = isNew
    self.isTask = isTask
  }

  /// Counts a shard.
  ///
  /// - Throws: ``IngestError/allRejected(_:count:)`` if the shard is the first, is full, and all
  ///   its files were rejected for one reason that depends on a setting.
  mutating func add(_ outcome: ShardOutcome) throws(IngestError) {
    guard isNew else { return }
    if !outcome.samples.isEmpty { hasSamples = true }
    count += outcome.rejections.count
    reasons.formUnion(outcome.rejections.map(\.reason))
    if let rejection = outcome.rejections.first, outcome.shard.number < example?.shard ?? .max {
      example = (outcome.shard.number, rejection)
    }
    guard outcome.shard.number == 0, outcome.samples.isEmpty,
      outcome.rejections.count == Catalog.shardCapacity, let rejection = outcome.rejections.first,
      rejection.reason.mayFollow(from: configuration),
      outcome.rejections.allSatisfy({ $0.reason == rejection.reason })
    else { return }
    throw .allRejected(rejection, count: outcome.rejections.count)
  }

  /// Ends the run.
  ///
  /// - Throws: ``IngestError/allRejected(_:count:)`` if all files were rejected for one reason that
  ///   depends on a setting.
  func finish() throws(IngestError) {
    guard isNew, !isTask, !hasSamples, reasons.count == 1, let rejection = example?.rejection,
      rejection.reason.mayFollow(from: configuration)
    else { return }
    throw .allRejected(rejection, count: count)
  }
}
