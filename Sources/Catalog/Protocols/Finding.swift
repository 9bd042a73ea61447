/// A finding of a protocol's audit.
///
/// CountedExamples are a leak between its sides, a repeated pair and a label known to be wrong.
public struct Finding: Sendable, Equatable, Hashable, Codable {
  /// The kind of finding.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// An identity with samples on both sides.
    case identity
    /// The same file on both sides.
    case file
    /// The same stored pixels on both sides.
    case pixels
    /// Near-duplicate images on both sides.
    case near
    /// Two similar names on two sides that may denote the same person.
    case nameVariant = "name-variant"
    /// A person in the lists for model selection who is also in those for reporting.
    case viewPerson = "view-person"
    /// A pair in the lists for model selection that is also in those for reporting.
    case viewPair = "view-pair"
    /// A pair that is listed twice, in either order.
    case repeatedPair = "repeated-pair"
    /// A pair of two samples with the same pixels.
    case identicalPair = "identical-pair"
    /// A pair whose label is wrong according to the dataset's errata.
    case wrongLabel = "wrong-label"
    /// A genuine pair of two identities, or an impostor pair of one identity.
    case contradictedLabel = "contradicted-label"
    /// An image in the protocol's lists that is not in the store.
    case missingImage = "missing-image"
    /// People were taken out of the store after the protocol was made.
    case forgotten

    /// Whether the finding proves that one side contains information about the other.
    public var isLeak: Bool {
      switch self {
      case .identity, .file, .pixels, .near: true
      case .nameVariant, .viewPerson, .viewPair, .repeatedPair, .identicalPair, .wrongLabel,
        .contradictedLabel, .missingImage, .forgotten:
        false
      }
    }
  }

  /// The kind of finding.
  public let kind: Kind
  /// The fold, from 1; 0 if there are no folds, or if the folds are the sides.
  public let fold: Int
  /// The identity or file on one side.
  public let left: String
  /// The identity or file on the other side.
  public let right: String
  /// Further details; may be empty.
  public let detail: String

  /// Creates a finding.
  public init(kind: Kind, fold: Int = 0, left: String, right: String, detail: String = "") {
    self.kind = kind
    self.fold = fold
    self.left = left
    self.right = right
    self.detail = detail
  }
}
