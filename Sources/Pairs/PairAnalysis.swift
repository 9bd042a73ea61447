import Catalog

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

    /// From the number of pairs of each kind that everybody stands in.
    init(_ genuine: [Int32], _ impostor: [Int32]) {
      var (first, second, both) = (0, 0, 0)
      for (one, other) in zip(genuine, impostor) {
        if one > 0 { first += 1 }
        if other > 0 { second += 1 }
        if one > 0 && other > 0 { both += 1 }
      }
      self.genuine = first
      self.impostor = second
      self.both = both
      all = first + second - both
    }
  }

  /// In how many pairs of a kind somebody stands.
  public struct Appearance: Sendable, Equatable, Codable {
    /// The identity.
    public let name: String
    /// Pairs that compare one of its samples.
    public let pairs: Int
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

  /// Counts the pairs of one role, all folds together.
  ///
  /// - Parameters:
  ///   - pairs: the pairs.
  ///   - table: all samples of the store.
  ///   - owners: the place of every sample's identity in the table, by the sample's id.
  public init(_ pairs: [Pair], table: SampleTable, owners: [Int32]) {
    let nobody = [Int32](repeating: 0, count: table.identities.count)
    let nothing = [Int32](repeating: 0, count: owners.count)
    var people = (genuine: nobody, impostor: nobody)
    var images = (genuine: nothing, impostor: nothing)
    var counts = (genuine: 0, impostor: 0)
    for pair in pairs {
      let (left, right) = (Int(owners[pair.left]), Int(owners[pair.right]))
      if pair.genuine {
        counts.genuine += 1
        images.genuine[pair.left] += 1
        images.genuine[pair.right] += 1
        people.genuine[left] += 1
      } else {
        counts.impostor += 1
        images.impostor[pair.left] += 1
        images.impostor[pair.right] += 1
        people.impostor[left] += 1
        people.impostor[right] += 1
      }
    }
    func most(_ counts: [Int32]) -> [Appearance] {
      let named = counts.indices.filter { counts[$0] > 0 }.map {
        Appearance(name: table.identities[$0].name, pairs: Int(counts[$0]))
      }
      return Array(
        named.sorted { ($1.pairs, $0.name) < ($0.pairs, $1.name) }.prefix(Self.listed))
    }
    func histogram(_ counts: [Int32]) -> [Int: Int] {
      counts.reduce(into: [:]) { if $1 > 0 { $0[Int($1), default: 0] += 1 } }
    }
    genuine = counts.genuine
    impostor = counts.impostor
    self.people = Overlap(people.genuine, people.impostor)
    self.images = Overlap(images.genuine, images.impostor)
    mostGenuine = most(people.genuine)
    mostImpostor = most(people.impostor)
    genuineHistogram = histogram(people.genuine)
    impostorHistogram = histogram(people.impostor)
  }

  /// The figures as JSON.
  public var json: String { sortedJSON }
}
