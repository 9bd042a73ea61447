/// One image of a dataset before it is read.
public struct SourceEntry: Sendable, Equatable {
  /// The file, relative to the dataset's root.
  public let path: String
  /// The bytes that open it.
  package let location: [CChar]
  /// The identity the path tells.
  public let identity: String
  /// The pose, where the path tells it.
  public let pose: String?
  /// The number, where the path tells it.
  public let number: Int?
  /// The `errno` of a folder that cannot be listed; such an entry is only ever rejected.
  package let problem: Int32?
}
