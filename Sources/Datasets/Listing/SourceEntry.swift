/// An image of a dataset, not read yet.
public struct SourceEntry: Sendable, Equatable {
  /// The file, relative to the dataset's root.
  public let path: String
  /// The bytes of its path for `open`.
  package let location: [CChar]
  /// The identity in the path.
  public let identity: String
  /// The pose, if the path contains it.
  public let pose: String?
  /// The number, if the path contains it.
  public let number: Int?
  /// The `errno` of a folder that cannot be listed; such an entry is always rejected.
  package let problem: Int32?
}
