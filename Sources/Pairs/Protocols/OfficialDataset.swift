/// What is known of a dataset with official protocols: its lists and its errata.
public struct OfficialDataset: Sendable {
  /// The dataset's short name, as "lfw".
  public let name: String
  /// The MD5 of the official lists, by file name.
  public let lists: [String: String]
  /// Whom images show whose name says otherwise, by the image's name without its ending.
  public let errata: [String: String]

  /// A dataset's lists and errata.
  public init(name: String, lists: [String: String], errata: [String: String]) {
    self.name = name
    self.lists = lists
    self.errata = errata
  }
}
