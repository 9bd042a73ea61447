import Configuration

/// Which triplets of a batch are looked at.
package enum TripletMining: String, NamedChoice, Sendable {
  /// Every one; the mean is over those with a term of more than 0.
  ///
  /// Source: Hermans, Beyer and Leibe, In Defense of the Triplet Loss for Person
  /// Re-Identification, 2017, equation 6, averaged as its section 3.2 says.
  case all
  /// Each anchor with each of its like, and of the unlike the nearest with D(a, p) < D(a, n) <
  /// D(a, p) + margin, or, where there is none, the farthest; the mean is over all of these.
  ///
  /// Source: Schroff, Kalenichenko and Philbin, FaceNet, 2015, section 3.2, with the remedy of
  /// TensorFlow's `triplet_semihard_loss` for pairs without a semi-hard negative.
  case semiHard = "semi-hard"
  /// Each anchor with the farthest of its like and the nearest of the unlike; the mean is over the
  /// anchors.
  ///
  /// Source: Hermans, Beyer and Leibe, 2017, equation 5.
  case batchHard = "batch-hard"
}
