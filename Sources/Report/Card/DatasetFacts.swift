/// What is known of a dataset apart from its images, for a card.
public struct DatasetFacts: Sendable {
  /// The short name.
  public let name: String
  /// The full name.
  public let title: String
  /// The place where it is obtained.
  public let source: String?
  /// The terms of use.
  public let licence: String?
  /// The citation.
  public let citation: String?

  /// Creates the facts of a dataset.
  public init(name: String, title: String, source: String?, licence: String?, citation: String?) {
    self.name = name
    self.title = title
    self.source = source
    self.licence = licence
    self.citation = citation
  }
}
