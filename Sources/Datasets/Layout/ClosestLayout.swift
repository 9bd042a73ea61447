/// A layout that the majority of images follow.
public struct ClosestLayout: Sendable, Equatable {
  /// Its name.
  public let layout: String
  /// Number of images that follow it.
  public let fitting: Int
  /// Number of images that do not.
  public let misfits: Int
  /// The first image that does not.
  public let misfit: String
}
