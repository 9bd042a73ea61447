/// The options of an ingest; none of them changes a byte of a sample.
public struct IngestOptions: Sendable {
  /// Number of workers, at least 1.
  public var jobs = 1
  /// Whether the first rejection ends the run.
  public var isStrict = false
  /// Number of images to ingest, from the first; `nil` for all.
  public var limit: Int?
  /// The share of the shards to make; `nil` for all.
  public var task: IngestTask?
  /// SHA-256 over all paths of a stored listing; `nil` if it is to be computed.
  public var listing: String?
  /// Whether samples with the bytes or pixels of an earlier sample are dropped.
  public var dropsDuplicates = false
  /// Whether previously rejected files are tried again.
  public var retriesRejected = false
  /// Whether files whose bytes have changed since they were stored are ingested again.
  public var refreshes = false
  /// The previous folder of a moved dataset; `nil` if none was moved.
  public var movedFrom: String?

  /// Creates the default options: one worker, all images.
  public init() {}
}
