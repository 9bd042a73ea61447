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
  /// Whether files that have other bytes than when they were stored are taken again.
  public var refreshes = false
  /// Where the datasets lay before, when their folder was moved; `nil` when it was not.
  public var movedFrom: String?

  /// The defaults: one worker, everything.
  public init() {}
}
