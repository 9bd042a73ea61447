import Configuration

/// The kinds of heads that a recipe may name; register new kinds here.
public enum HeadKinds {
  static let all: [any HeadKind.Type] = [WeightedDifference.self, WeightedDistance.self]

  /// The `userInfo` that a decoder of ``Head`` needs.
  public static var userInfo: [CodingUserInfoKey: any Sendable] {
    NamedKinds.userInfo("head", all)
  }
}
