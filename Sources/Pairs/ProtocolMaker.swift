import Catalog
import Foundation
import Randomness

/// How many pairs are drawn for each part of a protocol.
public struct PairCounts: Sendable, Equatable, Codable {
  /// Pairs of one identity.
  public let genuine: Int
  /// Pairs of two identities.
  public let impostor: Int

  /// Counts, each 1 or more.
  public init(genuine: Int, impostor: Int) {
    self.genuine = genuine
    self.impostor = impostor
  }
}

/// Makes protocols of a store's samples.
public struct ProtocolMaker: Sendable {
  /// The most pairs of a kind that a part gets when no counts are asked for.
  public static let defaultLimit = 10_000

  private let table: SampleTable

  /// Makes protocols of these samples.
  public init(_ table: SampleTable) {
    self.table = table
  }

  /// How a protocol was made, as the catalog keeps it.
  private struct Specification: Encodable {
    let split: String?
    let train: Double?
    let validation: Double?
    let seed: Int
    let testIdentities: [String]?
    let sample: PairCounts?

    var json: String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      encoder.keyEncodingStrategy = .convertToSnakeCase
      return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
  }

  /// A protocol with disjoint identities; each part gets a list of pairs.
  ///
  /// - Parameters:
  ///   - split: who is on which side.
  ///   - counts: how many pairs each part gets; `nil` for all there are, up to ``defaultLimit`` of
  ///     a kind.
  ///   - name: the protocol's name.
  /// - Returns: the protocol, to be added to the catalog.
  /// - Throws: ``PairError`` when a part cannot have its pairs.
  public func split(
    _ split: IdentitySplit, counts: PairCounts?, name: String
  ) throws(PairError) -> ProtocolRecord {
    var members: [Part: [Int]] = [:]
    var pairs: [Part: [Pair]] = [:]
    for (role, table) in try split.apply(to: table) {
      members[Part(role: role)] = table.ids
      pairs[Part(role: role)] = try draw(table, counts: counts, role: role, seed: split.seed)
    }
    let specification = Specification(
      split: "identity", train: split.train, validation: split.validation, seed: split.seed,
      testIdentities: split.testIdentities.isEmpty ? nil : split.testIdentities.sorted(),
      sample: counts)
    return ProtocolRecord(
      name: name, kind: "identity-split", specification: specification.json, members: members,
      pairs: pairs)
  }

  /// A protocol without a split: pairs over all samples, to test on.
  public func sample(
    _ counts: PairCounts, seed: Int, name: String
  ) throws(PairError) -> ProtocolRecord {
    guard !table.ids.isEmpty else { throw .emptyStore }
    let specification = Specification(
      split: nil, train: nil, validation: nil, seed: seed, testIdentities: nil, sample: counts)
    let part = Part(role: .test)
    return ProtocolRecord(
      name: name, kind: "sample", specification: specification.json, members: [part: table.ids],
      pairs: [part: try draw(table, counts: counts, role: .test, seed: seed)])
  }

  /// Genuine pairs, then impostor pairs.
  private func draw(
    _ table: SampleTable, counts: PairCounts?, role: Role, seed: Int
  ) throws(PairError) -> [Pair] {
    let draw = PairDraw(table)
    guard draw.genuineCount > 0 else { throw .noGenuinePairs(role: role) }
    let genuine = counts?.genuine ?? min(draw.genuineCount, Self.defaultLimit)
    let impostor = counts?.impostor ?? min(draw.impostorCount, Self.defaultLimit)
    guard genuine <= draw.genuineCount else {
      throw .tooManyAsked(role: role, genuine: true, asked: genuine, existing: draw.genuineCount)
    }
    guard impostor <= draw.impostorCount else {
      throw .tooManyAsked(
        role: role, genuine: false, asked: impostor, existing: draw.impostorCount)
    }
    var random = RandomStream(seed: seed, "pairs of \(role.rawValue)")
    return draw.genuine(genuine, random: &random) + draw.impostor(impostor, random: &random)
  }
}
