import Foundation

/// Who and what stands in the genuine and the impostor pairs of one role.
public struct PairAnalysis: Sendable, Equatable, Codable {
  /// How many different ones stand in pairs of a kind.
  public struct Overlap: Sendable, Equatable, Codable {
    /// In genuine pairs.
    public let genuine: Int
    /// In impostor pairs, on either place.
    public let impostor: Int
    /// In both.
    public let both: Int
    /// In any.
    public let all: Int

    /// Counts of each.
    public init(genuine: Int, impostor: Int, both: Int) {
      self.genuine = genuine
      self.impostor = impostor
      self.both = both
      all = genuine + impostor - both
    }
  }

  /// In how many pairs of a kind somebody stands.
  public struct Appearance: Sendable, Equatable, Codable {
    /// The identity.
    public let name: String
    /// Pairs that compare one of its samples.
    public let pairs: Int

    /// So many pairs of somebody.
    public init(name: String, pairs: Int) {
      self.name = name
      self.pairs = pairs
    }
  }

  /// Genuine pairs.
  public let genuine: Int
  /// Impostor pairs.
  public let impostor: Int
  /// Identities in them.
  public let people: Overlap
  /// Samples in them.
  public let images: Overlap
  /// Who stands in most genuine pairs: by count, then by name; at most ``listed``.
  public let mostGenuine: [Appearance]
  /// Who stands in most impostor pairs.
  public let mostImpostor: [Appearance]
  /// How many identities stand in so many genuine pairs, by that number.
  public let genuineHistogram: [Int: Int]
  /// How many identities stand in so many impostor pairs.
  public let impostorHistogram: [Int: Int]

  /// How many names the lists of the most frequent hold.
  public static let listed = 25

  /// An analysis with all its figures.
  public init(
    genuine: Int, impostor: Int, people: Overlap, images: Overlap, mostGenuine: [Appearance],
    mostImpostor: [Appearance], genuineHistogram: [Int: Int], impostorHistogram: [Int: Int]
  ) {
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

  /// Reads what ``json`` has written.
  init?(json: String) {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let found = try? decoder.decode(PairAnalysis.self, from: Data(json.utf8)) else {
      return nil
    }
    self = found
  }
}
