/// A softmax over all identities with a margin subtracted from the cosine of the correct identity.
///
/// Source: Wang and others, CosFace: Large Margin Cosine Loss for Deep Face Recognition, 2018,
/// equation 4.
struct CosFaceLoss: SoftmaxLoss {
  package static let name = "cosface"
  static let isAngular = false
  static let defaultMargin: Float = 0.35
  static let margins: Range<Float> = 0..<2

  let options: MarginSoftmaxOptions
}

extension Loss {
  /// A softmax over all identities with a margin on the cosine.
  package static func cosFace(_ options: MarginSoftmaxOptions) -> Loss {
    .init(CosFaceLoss(options: options))
  }
}
