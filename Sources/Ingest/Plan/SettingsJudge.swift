import Catalog
import Imaging

/// Sees whether a setting rejects everything that a new store is made of, so that no store is left that
/// would refuse the corrected settings.
///
/// What it decides depends on the lowest shard or on all of them, never on which is made first.
struct SettingsJudge {
  private let configuration: SampleConfiguration
  private let isNew: Bool
  private let first: Int
  private var hasSamples = false
  private var reasons: Set<RejectionReason> = []
  private var count = 0
  private var example: (shard: Int, rejection: Rejection)?

  /// A judge of the run that makes a store new or adds to one; `first` is the number of its first shard.
  init(_ configuration: SampleConfiguration, isNew: Bool, first: Int) {
    self.configuration = configuration
    self.isNew = isNew
    self.first = first
  }

  /// Counts a shard.
  ///
  /// - Throws: ``IngestError/allRejected(_:count:)`` when it is the first, is full, and one reason that a
  ///   setting causes rejected all of it.
  mutating func add(_ outcome: ShardOutcome) throws(IngestError) {
    guard isNew else { return }
    if !outcome.samples.isEmpty { hasSamples = true }
    count += outcome.rejections.count
    reasons.formUnion(outcome.rejections.map(\.reason))
    if let rejection = outcome.rejections.first, outcome.shard.number < example?.shard ?? .max {
      example = (outcome.shard.number, rejection)
    }
    guard outcome.shard.number == first, outcome.samples.isEmpty,
      outcome.rejections.count == Catalog.shardCapacity, let rejection = outcome.rejections.first,
      followsFromSettings(rejection.reason),
      outcome.rejections.allSatisfy({ $0.reason == rejection.reason })
    else { return }
    throw .allRejected(rejection, count: outcome.rejections.count)
  }

  /// Ends the run.
  ///
  /// - Throws: ``IngestError/allRejected(_:count:)`` when one reason that a setting causes rejected all.
  func finish() throws(IngestError) {
    guard isNew, !hasSamples, reasons.count == 1, let rejection = example?.rejection,
      followsFromSettings(rejection.reason)
    else { return }
    throw .allRejected(rejection, count: count)
  }

  /// Whether another setting might have accepted the file.
  private func followsFromSettings(_ reason: RejectionReason) -> Bool {
    switch reason {
    case .tooLarge, .noFace, .dlibFailed, .noIdentity: true
    // A picture can also be too small or of an unknown kind whatever is asked for.
    case .tooSmall, .unsupported: configuration.resample == .decimate
    case .unreadable, .empty, .notAnImage, .truncated, .damaged, .duplicate: false
    }
  }
}
