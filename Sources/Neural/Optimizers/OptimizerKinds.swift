/// The kinds of optimisers that a recipe may name; a new one is registered here.
public enum OptimizerKinds {
  static let all: [any OptimizerKind.Type] = [
    SGDOptions.self, AdamOptions.self, AdamWOptions.self, NadamOptions.self, RMSpropOptions.self,
  ]

  /// What a decoder of ``OptimizerSpecification`` needs.
  public static var userInfo: [CodingUserInfoKey: any Sendable] {
    CodingUserInfoKey.optimizerKinds.map { [$0: all] } ?? [:]
  }
}
