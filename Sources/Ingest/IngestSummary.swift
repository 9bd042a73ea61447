import Catalog
import Datasets

/// The result of an ingest.
public struct IngestSummary: Sendable, Equatable {
  /// Number of samples stored by this run.
  public var samples = 0
  /// Number of files rejected by this run.
  public var rejections = 0
  /// Number of images that were already in the store.
  public var skipped = 0
  /// Number of samples dropped by this run because another has the same bytes or pixels.
  public var dropped = 0
  /// Known files with changed bytes; they are ingested again on request.
  public var changed = CountedExamples()
  /// Files stored from these folders that no longer exist.
  public var missing = CountedExamples()
  /// Number of fiducial files without usable points.
  public var badFiducials = 0
  /// Number of samples of this run whose image was stretched to another aspect ratio.
  public var stretched = 0
  /// Number of images left out because their people were taken out of the store.
  public var forgotten = 0
  /// The protocols that refer to the previous versions of images that were ingested again.
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
