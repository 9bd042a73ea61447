/// The fold and role under which samples or pairs stand in a protocol.
public struct Part: Sendable, Hashable, Comparable {
  /// The fold, from 1; 0 where there are no folds.
  public let fold: Int
  /// Training, validation or test.
  public let role: Role

  /// A part of a protocol.
  public init(fold: Int = 0, role: Role) {
    self.fold = fold
    self.role = role
  }

  /// Folds in order, and within one training, validation, test.
  public static func < (left: Part, right: Part) -> Bool {
    (left.fold, left.role.order) < (right.fold, right.role.order)
  }
}
