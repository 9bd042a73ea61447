import Catalog
import Datasets

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
  /// Files the store knew that have other bytes now; taken again where that was asked for.
  public var changed = Examples()
  /// Files the store has from these folders that are not there any more.
  public var missing = Examples()
  /// Number of fiducial files without usable points.
  public var badFiducials = 0
  /// Number of samples of this run whose picture was stretched to another proportion.
  public var stretched = 0
  /// The protocols that name pictures which were taken anew, as they were before.
  public var outdatedProtocols: [String] = []
  /// The shards made by this run.
  public var shards: Set<Int> = []

  mutating func count(_ outcome: ShardOutcome) {
    samples += outcome.samples.count
    rejections += outcome.rejections.count
    badFiducials += outcome.badFiducials
    stretched += outcome.stretched
    shards.insert(outcome.shard.number)
  }
}
