/// What is called a near duplicate, and how many of one sample are looked at.
enum DuplicateLimits {
  /// Thumbnails that correlate at least so much are of one photograph.
  ///
  /// On LFW deepfunneled this and hashes within six bits find the five photographs known to lie
  /// under two names, and no other pair of two people; Documentation/Design.md has the counts.
  static let leastCorrelation = 0.95

  /// So many near duplicates of a sample are kept; a sample with more is recorded as truncated.
  static let keptPairs = 64
  /// So many candidates of a sample are compared, the first that are found.
  ///
  /// A sample with more is recorded as truncated. For all samples of a search at once this bounds the
  /// memory to 270 MB.
  static let candidatePairs = 256
}
