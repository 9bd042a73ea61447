/// The limits for near duplicates and for the number of comparisons per sample.
enum DuplicateLimits {
  /// The minimum correlation of the thumbnails of one photograph.
  ///
  /// On LFW deepfunneled, this limit and hashes within six bits find the five photographs known to
  /// be stored under two names, and no other pair of two people. Documentation/Design.md has the
  /// counts.
  static let minCorrelation = 0.95

  /// The maximum number of near duplicates kept for a sample; a sample with more is recorded as
  /// truncated.
  static let keptPairs = 64
  /// The maximum number of candidates compared for a sample, in the order in which they are found.
  ///
  /// A sample with more is recorded as truncated. This limits the memory for all samples of a
  /// search to 270 MB.
  static let candidatePairs = 256
}
