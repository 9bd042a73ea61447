import Configuration

/// The kinds of losses that a recipe may name; register new kinds here.
public enum LossKinds {
  static let all: [any LossKind.Type] = [
    ContrastiveLoss.self, CosineEmbeddingLoss.self, BinaryCrossEntropyLoss.self, TripletLoss.self,
    ArcFaceLoss.self, CosFaceLoss.self, IdentificationLoss.self,
    IdentificationVerificationLoss.self,
  ]

  /// The `userInfo` that a decoder of ``Loss`` needs.
  public static var userInfo: [CodingUserInfoKey: any Sendable] {
    NamedKinds.userInfo("loss", all)
  }
}
