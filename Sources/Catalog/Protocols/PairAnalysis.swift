import Foundation

/// The identities and images in the genuine and the impostor pairs of one role.
public struct PairAnalysis: Sendable, Equatable, Codable {
  /// Number of distinct identities or images in each kind of pair.
  public struct Overlap: Sendable, Equatable, Codable {
    /// In genuine pairs.
    public let genuine: Int
    /// In impostor pairs, on either side.
    public let impostor: Int
    /// In both kinds.
    public let both: Int
    /// In at least one kind.
    public let all: Int

    /// Creates the counts.
    public init(genuine: Int, impostor: Int, both: Int) {
      self.genuine = genuine
      self.impostor = impostor
      self.both = both
      all = genuine + impostor - both
    }
  }

  /// Number of pairs of one kind in which an identity appears.
  public struct Appearance: Sendable, Equatable, Codable {
    /// The identity.
    public let name: String
    /// Number of pairs with at least one of its samples.
    public let pairs: Int

    /// Creates an appearance.
    public init(name: String, pairs: Int) {
      self.name = name
      self.pairs = pairs
    }
  }

  /// Number of pairs of each kind in which an identity appears.
  public struct BothKinds: Sendable, Equatable, Codable {
    /// The identity.
    public let name: String
    /// Number of genuine pairs.
    public let genuine: Int
    /// Number of impostor pairs.
    public let impostor: Int

    /// Creates the counts of an identity.
    public init(name: String, genuine: Int, impostor: Int) {
      self.name = name
      self.genuine = genuine
      self.impostor = impostor
    }
  }

  /// Number of genuine pairs.
  public let genuine: Int
  /// Number of impostor pairs.
  public let impostor: Int
  /// Number of identities in the pairs.
  public let people: Overlap
  /// Number of samples in the pairs.
  public let images: Overlap
  /// The identities in the largest number of genuine pairs, by count, then by name; at most
  /// ``listed``.
  public let mostGenuine: [Appearance]
  /// The identities in the largest number of impostor pairs.
  public let mostImpostor: [Appearance]
  /// The identities in pairs of both kinds, by genuine pairs, impostor pairs and name.
  ///
  /// At most ``listed``; `nil` in protocols of an earlier version.
  public let mostBoth: [BothKinds]?
  /// Number of identities by the number of genuine pairs in which they appear.
  public let genuineHistogram: [Int: Int]
  /// Number of identities by the number of impostor pairs in which they appear.
  public let impostorHistogram: [Int: Int]

  /// The maximum number of names in the lists of the most frequent identities.
  public static let listed = 25

  /// Creates an analysis with all its figures.
  public init(
    genuine: Int, impostor: Int, people: Overlap, images: Overlap, mostGenuine: [Appearance],
    mostImpostor: [Appearance], genuineHistogram: [Int: Int], impostorHistogram: [Int: Int],
    mostBoth: [BothKinds]? = nil
  ) {
    self.mostBoth = mostBoth
    self.genuine = genuine
    self.impostor = impostor
    self.people = people
    self.images = images
    self.mostGenuine = mostGenuine
    self.mostImpostor = mostImpostor
    self.genuineHistogram = genuineHistogram
    self.impostorHistogram = impostorHistogram
  }

  /// The figures as JSON with sorted keys in snake case.
  var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  /// Parses the output of ``json``.
  init?(json: String) {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let found = try? decoder.decode(PairAnalysis.self, from: Data(json.utf8)) else {
      return nil
    }
    self = found
  }
}
