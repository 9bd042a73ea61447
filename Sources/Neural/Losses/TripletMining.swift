import Configuration

/// The triplets of a batch that are used.
package enum TripletMining: String, NamedChoice, Sendable {
  /// All triplets; the mean is over the terms greater than 0.
  ///
  /// Source: Hermans, Beyer and Leibe, In Defense of the Triplet Loss for Person Re-Identification,
  /// 2017, equation 6, averaged as in its section 3.2.
  case all
  /// Each anchor with each sample p of the same identity and the nearest sample n of another
  /// identity for which D(a, p) < D(a, n) < D(a, p) + margin. If there is no such sample, the
  /// farthest sample of another identity is used. The mean is over all of these triplets.
  ///
  /// Source: Schroff, Kalenichenko and Philbin, FaceNet, 2015, section 3.2. The rule for pairs
  /// without a semi-hard negative is that of TensorFlow's `triplet_semihard_loss`.
  case semiHard = "semi-hard"
  /// Each anchor with the farthest sample of the same identity and the nearest sample of another
  /// identity; the mean is over the anchors.
  ///
  /// Source: Hermans, Beyer and Leibe, 2017, equation 5.
  case batchHard = "batch-hard"
}
