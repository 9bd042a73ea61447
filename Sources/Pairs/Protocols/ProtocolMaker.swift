import Catalog
import Foundation
import Randomness

/// Number of pairs drawn for each part of a protocol.
public struct PairCounts: Sendable, Equatable, Codable {
  /// Pairs of one identity.
  public let genuine: Int
  /// Pairs of two identities.
  public let impostor: Int

  /// Creates counts, each 1 or more.
  public init(genuine: Int, impostor: Int) {
    self.genuine = genuine
    self.impostor = impostor
  }
}

/// Makes protocols from a store's samples.
public struct ProtocolMaker: Sendable {
  /// The maximum number of pairs of a kind in a part if no counts are given.
  public static let defaultLimit = 10_000

  private let table: SampleTable
  private let links: [DuplicateLink]
  private let draw: Draw
  private let selection: SampleSelection

  /// How pairs are drawn.
  public struct Draw: Sendable {
    /// Number of pairs of each kind in a part; `nil` for all existing pairs, up to
    /// ``ProtocolMaker/defaultLimit`` of a kind.
    public let counts: PairCounts?
    /// The maximum number of genuine pairs of one identity; `nil` for no limit.
    public let cap: Int?
    /// The seed of the draw.
    public let seed: Int

    /// Creates a description of how pairs are drawn.
    public init(counts: PairCounts?, cap: Int? = nil, seed: Int) {
      self.counts = counts
      self.cap = cap
      self.seed = seed
    }
  }

  /// Creates a maker of protocols from the given samples.
  ///
  /// - Parameters:
  ///   - table: the samples.
  ///   - links: the duplicates among the samples.
  ///   - draw: how pairs are drawn.
  ///   - selection: how the samples were selected, which is recorded with the protocol.
  public init(
    _ table: SampleTable, links: [DuplicateLink], draw: Draw,
    selection: SampleSelection = SampleSelection()
  ) {
    self.table = table
    self.links = links
    self.draw = draw
    self.selection = selection
  }

  /// How a protocol was made, as stored in the catalog.
  private struct Specification: Encodable {
    var split: String?
    var train: Double?
    var validation: Double?
    var folds: Int?
    var exact: Bool?
    var seed: Int?
    var testIdentities: [String]?
    var sample: PairCounts?
    var maxPerIdentity: Int?
    var ways: Int?
    var trials: Int?
    var pairs: Int?
    var within: String?
    var minImages: Int?
    var imagesPerIdentity: Int?
  }

  /// The parameters of a protocol as JSON.
  private func json(_ specification: Specification) -> String {
    var specification = specification
    specification.minImages = selection.minImages
    specification.imagesPerIdentity = selection.imagesPerIdentity
    return specification.sortedJSON
  }

  /// Makes a protocol with disjoint identities; each part has a list of pairs.
  ///
  /// - Parameters:
  ///   - split: the assignment of identities to sides.
  ///   - name: the protocol's name.
  /// - Returns: the protocol, to be added to the catalog.
  /// - Throws: ``PairError`` if a part cannot have the requested pairs.
  public func split(
    _ split: IdentitySplit, name: String
  ) throws(PairError) -> ProtocolRecord {
    let linked = LinkedIdentities(table, links: links)
    return try record(
      "identity-split", name,
      Specification(
        split: "identity", train: split.train, validation: split.validation,
        exact: split.isExact ? true : nil, seed: split.seed,
        testIdentities: split.testIdentities.isEmpty
          ? nil : split.testIdentities.sorted().map(\.text)),
      try split.apply(to: table, linked: linked).reduce(into: [:]) {
        $0[Part(role: $1.key)] = $1.value
      })
  }

  /// Makes a protocol of folds with disjoint identities.
  ///
  /// Each fold has the role test; the identities of a fold train in the other folds.
  public func folds(
    _ count: Int, _ split: IdentitySplit, name: String
  ) throws(PairError) -> ProtocolRecord {
    let folds = try split.folds(
      count, of: table, linked: LinkedIdentities(table, links: links))
    return try record(
      "identity-folds", name,
      Specification(
        split: "identity", folds: count, exact: split.isExact ? true : nil, seed: split.seed),
      folds.enumerated().reduce(into: [:]) {
        $0[Part(fold: $1.offset + 1, role: .test)] = $1.element
      })
  }

  /// Makes a closed-set protocol: the same identities on every side, with different images.
  public func split(_ split: ImageSplit, name: String) throws(PairError) -> ProtocolRecord {
    try record(
      "closed-set-split", name,
      Specification(
        split: "image", train: split.train, validation: split.validation, seed: split.seed),
      try split.apply(to: table, links: links).reduce(into: [:]) {
        $0[Part(role: $1.key)] = $1.value
      })
  }

  /// Makes a protocol whose pairs are divided after they are drawn, so that its sides share people
  /// and images.
  public func split(_ split: PairSplit, name: String) throws(PairError) -> ProtocolRecord {
    guard !table.ids.isEmpty else { throw .emptyStore }
    let pairs = try split.apply(to: table).reduce(into: [:]) { $0[Part(role: $1.key)] = $1.value }
    let specification = Specification(
      split: "pairs", train: split.train, validation: split.validation, seed: split.seed)
    return ProtocolRecord(
      name: name, kind: "pairs-split", specification: json(specification),
      members: pairs.mapValues { Set($0.flatMap { [$0.left, $0.right] }).sorted() }, pairs: pairs)
  }

  /// Makes a protocol without a split: test pairs over all samples.
  ///
  /// - Parameters:
  ///   - name: the protocol's name.
  ///   - within: the protocol whose test samples these are; `nil` for the whole store.
  /// - Returns: the protocol.
  /// - Throws: ``PairError`` if there are fewer pairs than requested.
  public func sample(name: String, within: String? = nil) throws(PairError) -> ProtocolRecord {
    guard !table.ids.isEmpty else { throw .emptyStore }
    return try record(
      "sample", name, Specification(seed: draw.seed, within: within), [Part(role: .test): table])
  }

  /// Makes a protocol of all pairs of the samples.
  ///
  /// The pairs are enumerated and not stored.
  public func all(name: String, within: String? = nil) throws(PairError) -> ProtocolRecord {
    guard !table.ids.isEmpty else { throw .emptyStore }
    let specification = Specification(pairs: AllPairs(table).count, within: within)
    return ProtocolRecord(
      name: name, kind: "all", specification: json(specification),
      members: [Part(role: .test): table.ids], pairs: [:])
  }

  /// Makes a protocol of one-shot trials; see ``OneShotTrials`` for the order of its pairs.
  ///
  /// - Parameters:
  ///   - ways: the number of people that a probe is compared with.
  ///   - trials: the number of probes.
  ///   - name: the protocol's name.
  ///   - within: the protocol whose test samples these are; `nil` for the whole store.
  /// - Returns: the protocol.
  /// - Throws: ``PairError`` if there are too few people.
  public func oneShot(
    ways: Int, trials: Int, name: String, within: String? = nil
  ) throws(PairError) -> ProtocolRecord {
    guard !table.ids.isEmpty else { throw .emptyStore }
    let pairs = try OneShotTrials(table, ways: ways, count: trials, seed: draw.seed).comparisons
    let specification = Specification(
      seed: draw.seed, ways: ways, trials: trials, within: within)
    return ProtocolRecord(
      name: name, kind: "one-shot", specification: json(specification),
      members: [Part(role: .test): table.ids], pairs: [Part(role: .test): pairs])
  }

  private func record(
    _ kind: String, _ name: String, _ specification: Specification, _ parts: [Part: SampleTable]
  ) throws(PairError) -> ProtocolRecord {
    var specification = specification
    specification.sample = draw.counts
    specification.maxPerIdentity = draw.cap
    var pairs: [Part: [Pair]] = [:]
    for (part, table) in parts { pairs[part] = try self.pairs(of: table, part) }
    return ProtocolRecord(
      name: name, kind: kind, specification: json(specification),
      members: parts.mapValues(\.ids), pairs: pairs)
  }

  /// Genuine pairs, then impostor pairs.
  private func pairs(of table: SampleTable, _ part: Part) throws(PairError) -> [Pair] {
    let source = PairDraw(table, cap: draw.cap, seed: draw.seed)
    guard source.genuineCount > 0 else { throw .noGenuinePairs(role: part.role) }
    let genuine = draw.counts?.genuine ?? min(source.genuineCount, Self.defaultLimit)
    let impostor = draw.counts?.impostor ?? min(source.impostorCount, Self.defaultLimit)
    guard genuine <= source.genuineCount else {
      throw .tooManyAsked(
        role: part.role, genuine: true, asked: genuine, existing: source.genuineCount)
    }
    guard impostor <= source.impostorCount else {
      throw .tooManyAsked(
        role: part.role, genuine: false, asked: impostor, existing: source.impostorCount)
    }
    var random = RandomStream(
      seed: draw.seed, "pairs of \(part.role.rawValue)\(part.fold == 0 ? "" : " \(part.fold)")")
    return source.genuine(genuine, random: &random) + source.impostor(impostor, random: &random)
  }
}
