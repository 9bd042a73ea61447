/// What part of a protocol a sample or a pair belongs to.
public enum Role: String, Sendable, CaseIterable, Codable {
  case train
  case validation
  case test

  /// The role's place in order: 0, 1, 2.
  var order: Int {
    switch self {
    case .train: 0
    case .validation: 1
    case .test: 2
    }
  }

  /// The role in that place.
  init(order: Int) {
    self = order == 0 ? .train : order == 1 ? .validation : .test
  }
}

/// A comparison of two samples.
public struct Pair: Sendable, Equatable, Hashable {
  /// The id of the first sample.
  public let left: Int
  /// The id of the second sample.
  public let right: Int
  /// Whether both show the same identity.
  public let genuine: Bool

  /// A pair of sample ids.
  public init(left: Int, right: Int, genuine: Bool) {
    self.left = left
    self.right = right
    self.genuine = genuine
  }
}

/// The fold and role under which samples or pairs stand in a protocol.
public struct Part: Sendable, Hashable, Comparable {
  /// The fold, from 1; 0 where there are no folds.
  public let fold: Int
  /// Training, validation or test.
  public let role: Role

  /// A part of a protocol.
  public init(fold: Int = 0, role: Role) {
    self.fold = fold
    self.role = role
  }

  /// Folds in order, and within one training, validation, test.
  public static func < (left: Part, right: Part) -> Bool {
    (left.fold, left.role.order) < (right.fold, right.role.order)
  }
}

/// A pair of a protocol's list whose samples are not both in the store.
public struct MissingPair: Sendable, Equatable, Codable {
  /// Its number within fold and role, from 1; the pairs around it keep theirs.
  public let number: Int
  /// Whether both are said to show the same identity.
  public let genuine: Bool
  /// The first file.
  public let left: String
  /// The second file.
  public let right: String

  /// A pair that cannot be compared.
  public init(number: Int, genuine: Bool, left: String, right: String) {
    self.number = number
    self.genuine = genuine
    self.left = left
    self.right = right
  }
}

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
    /// A person of the development view who is in the reporting view.
    case viewPerson = "view-person"
    /// A pair of the development view that is in the reporting view.
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

/// A protocol: which samples train and test, and which pairs are compared.
public struct ProtocolRecord: Sendable {
  /// Its name in the store.
  public var name: String
  /// What made it, as "identity-split".
  public let kind: String
  /// How it was made, as JSON with sorted keys.
  public var specification: String
  /// The samples of each part, in order.
  public let members: [Part: [Int]]
  /// The pairs of each part, in order.
  public var pairs: [Part: [Pair]]
  /// The pairs of the list that cannot be compared, by number; the others keep theirs.
  public var missing: [Part: [MissingPair]]
  /// The images that its lists name and the store lacks, sorted; the audit records them.
  public var missingImages: [String] = []
  /// The numbers of pairs that were left out on purpose, by part; the others keep theirs.
  public var dropped: [Part: Set<Int>] = [:]

  /// A protocol with all its parts.
  public init(
    name: String, kind: String, specification: String, members: [Part: [Int]],
    pairs: [Part: [Pair]], missing: [Part: [MissingPair]] = [:]
  ) {
    self.name = name
    self.kind = kind
    self.specification = specification
    self.members = members
    self.pairs = pairs
    self.missing = missing
  }

  /// The numbers of a part's pairs, which leave out those of the missing and dropped ones.
  public func numbers(of part: Part) -> [Int] {
    let count = pairs[part]?.count ?? 0
    let left = Set((missing[part] ?? []).map(\.number)).union(dropped[part] ?? [])
    var numbers: [Int] = []
    numbers.reserveCapacity(count)
    var number = 1
    while numbers.count < count {
      if !left.contains(number) { numbers.append(number) }
      number += 1
    }
    return numbers
  }
}
