/// Something a reader of a protocol's figures should know: a leak between its sides, a pair that is
/// there twice, a label that is known to be wrong.
public struct Finding: Sendable, Equatable, Hashable, Codable {
  /// What was found.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// An identity with samples on both sides.
    case identity
    /// The same file on both sides.
    case file
    /// The same stored pixels on both sides.
    case pixels
    /// Nearly the same picture on both sides.
    case near
    /// Two names on two sides that may be one person's.
    case nameVariant = "name-variant"
    /// A person of the lists for choosing a model who is in those for reporting.
    case viewPerson = "view-person"
    /// A pair of the lists for choosing a model that is in those for reporting.
    case viewPair = "view-pair"
    /// A pair that is in the list twice, in either order.
    case repeatedPair = "repeated-pair"
    /// A pair of two samples with the same pixels.
    case identicalPair = "identical-pair"
    /// A pair whose label the dataset's errata call wrong.
    case wrongLabel = "wrong-label"
    /// A genuine pair of two identities, or an impostor pair of one.
    case contradictedLabel = "contradicted-label"
    /// An image of the protocol's lists that is not in the store.
    case missingImage = "missing-image"

    /// Whether it means for certain that one side knows something of the other.
    public var isLeak: Bool {
      switch self {
      case .identity, .file, .pixels, .near: true
      case .nameVariant, .viewPerson, .viewPair, .repeatedPair, .identicalPair, .wrongLabel,
        .contradictedLabel, .missingImage:
        false
      }
    }
  }

  /// What was found.
  public let kind: Kind
  /// The fold, from 1; 0 where there is none, or when folds are the sides.
  public let fold: Int
  /// The identity or file on one side.
  public let left: String
  /// The identity or file on the other side.
  public let right: String
  /// More about it, in words; may be empty.
  public let detail: String

  /// A finding.
  public init(kind: Kind, fold: Int = 0, left: String, right: String, detail: String = "") {
    self.kind = kind
    self.fold = fold
    self.left = left
    self.right = right
    self.detail = detail
  }
}
