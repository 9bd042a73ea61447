/// A softmax over all identities with a margin added to the angle of the correct identity.
///
/// Source: Deng and others, ArcFace: Additive Angular Margin Loss for Deep Face Recognition, 2019,
/// equation 3.
struct ArcFaceLoss: SoftmaxLoss {
  package static let name = "arcface"
  static let isAngular = true
  static let defaultMargin: Float = 0.5
  static let margins: Range<Float> = 0..<1.5

  let options: MarginSoftmaxOptions
}

extension Loss {
  /// A softmax over all identities with an angular margin.
  package static func arcFace(_ options: MarginSoftmaxOptions) -> Loss {
    .init(ArcFaceLoss(options: options))
  }
}
