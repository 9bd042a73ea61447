/// What is known about a dataset with official protocols: its lists and its errata.
public struct OfficialDataset: Sendable {
  /// The dataset's short name, such as "lfw".
  public let name: String
  /// The MD5 of the official lists, by file name.
  public let lists: [String: String]
  /// The person shown by each wrongly named image, by the image's name without extension.
  public let errata: [String: String]

  /// Creates the description of a dataset.
  public init(name: String, lists: [String: String], errata: [String: String]) {
    self.name = name
    self.lists = lists
    self.errata = errata
  }
}
