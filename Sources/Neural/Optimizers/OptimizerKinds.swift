import Configuration

/// The kinds of optimisers that a recipe may name; register new kinds here.
public enum OptimizerKinds {
  static let all: [any OptimizerKind.Type] = [
    SGDOptions.self, AdamOptions.self, AdamWOptions.self, NadamOptions.self, RMSpropOptions.self,
  ]

  /// The `userInfo` that a decoder of ``OptimizerSpecification`` needs.
  public static var userInfo: [CodingUserInfoKey: any Sendable] {
    NamedKinds.userInfo("optimizer", all)
  }
}
