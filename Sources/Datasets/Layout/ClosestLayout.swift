/// A layout that most images follow.
public struct ClosestLayout: Sendable, Equatable {
  /// Its name.
  public let layout: String
  /// How many images follow it.
  public let fitting: Int
  /// How many do not.
  public let misfits: Int
  /// The first that does not.
  public let misfit: String
}
