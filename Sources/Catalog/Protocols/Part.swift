/// The fold and role of samples or pairs in a protocol.
public struct Part: Sendable, Hashable, Comparable {
  /// The fold, from 1; 0 if there are no folds.
  public let fold: Int
  /// Training, validation or test.
  public let role: Role

  /// Creates a part of a protocol.
  public init(fold: Int = 0, role: Role) {
    self.fold = fold
    self.role = role
  }

  /// Orders by fold, then by role: training, validation, test.
  public static func < (left: Part, right: Part) -> Bool {
    (left.fold, left.role.order) < (right.fold, right.role.order)
  }
}
