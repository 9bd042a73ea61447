/// A change that a list of the user makes to one image.
public struct Correction: Sendable, Equatable, Codable {
  /// What is changed.
  public enum Action: String, Sendable, Codable, CaseIterable {
    /// The image shows another person than its path says.
    case relabel
    /// The image does not count.
    case exclude
    /// An earlier correction is taken back.
    case restore
  }

  /// The dataset's name.
  public let dataset: String
  /// The file, relative to the dataset's root.
  public let path: String
  /// What is changed.
  public let action: Action
  /// The identity that the path gives; "" before the correction is applied.
  public let before: String
  /// The corrected identity; `nil` unless ``action`` is `relabel`.
  public let identity: String?
  /// The user's reason; may be empty.
  public let reason: String

  /// Creates a correction.
  public init(
    dataset: String, path: String, action: Action, before: String = "", identity: String? = nil,
    reason: String = ""
  ) {
    self.dataset = dataset
    self.path = path
    self.action = action
    self.before = before
    self.identity = identity
    self.reason = reason
  }
}

/// What a list of corrections changed.
public struct CorrectionSummary: Sendable, Equatable, Codable {
  /// Number of samples with another identity than before.
  public var relabelled = 0
  /// Number of samples that no longer count.
  public var excluded = 0
  /// Number of corrections that were taken back.
  public var restored = 0
  /// Number of lines that changed nothing.
  public var unchanged = 0
  /// The protocols that have such a sample; their pairs and sides are those of before.
  public var protocols: [String] = []
}
