import Catalog

/// An audit of a protocol: what its sides have in common and should not, and other facts that
/// affect its results.
///
/// The sides are the roles or, if all folds only test, the folds.
public struct LeakAudit: Sendable {
  /// All findings.
  public private(set) var findings: [Finding] = []
  /// The reasons why duplicates between the sides may have been missed, as text; empty if there are
  /// none.
  public let gaps: [String]

  /// Number of findings of each kind.
  public var counts: [Finding.Kind: Int] {
    findings.reduce(into: [:]) { $0[$1.kind, default: 0] += 1 }
  }

  /// Number of findings that mean that information leaks from one side to another.
  public var leaks: Int { findings.count { $0.kind.isLeak } }

  /// Audits a protocol.
  ///
  /// - Parameters:
  ///   - record: the protocol.
  ///   - table: all samples of the store.
  ///   - links: the duplicates among the samples of the store.
  ///   - catalog: the store's catalog.
  ///   - isClosedSet: whether the same people are on both sides by design.
  ///   - checksPairs: whether to check pairs for wrong labels and repetitions; drawn pairs have
  ///     neither. Pairs of identical images are checked in every protocol.
  /// - Throws: ``CatalogError`` if the catalog cannot be read.
  public init(
    _ record: ProtocolRecord, table: SampleTable, links: [DuplicateLink], catalog: Catalog,
    isClosedSet: Bool = false, checksPairs: Bool = false
  ) throws(CatalogError) {
    gaps = Self.gaps(try catalog.duplicateSearchState())
    var shared: [SharedSamples] = []
    for sides in ComparedSides.all(of: record) where sides.count > 1 {
      if !isClosedSet {
        shared += sides.sharedIdentities(table)
      }
      shared += sides.sharedImages(links)
    }
    var ids = Set(shared.flatMap { [$0.left, $0.right] })
    let repeated =
      PairChecks.identicalPairs(of: record, links)
      + (checksPairs ? PairChecks.repeatedAndContradicted(of: record, table.ownersByID) : [])
    ids.formUnion(repeated.flatMap { [$0.left, $0.right] })
    let images = try catalog.images(ids)
    func text(_ id: Int, _ kind: Finding.Kind) -> String {
      guard let image = images[id] else { return "" }
      return kind == .identity || kind == .nameVariant ? image.identity : image.path
    }
    findings = (shared + repeated).map {
      Finding(
        kind: $0.kind, fold: $0.fold, left: text($0.left, $0.kind), right: text($0.right, $0.kind),
        detail: $0.detail)
    }
    findings += record.missingImages.map {
      Finding(kind: .missingImage, left: $0, right: "", detail: "not in the store")
    }
  }

  private static func gaps(_ state: DuplicateSearchState) -> [String] {
    func words(_ count: Int, _ one: String, _ many: String) -> String? {
      count == 0 ? nil : "\(count) \(count == 1 ? one : many)"
    }
    return [
      words(
        state.unsearchedShards, "shard was not searched for duplicates: run prep ingest again",
        "shards were not searched for duplicates: run prep ingest again"),
      words(
        state.uncomparedPairs,
        "pair of images could not be compared because a shard cannot be read: run prep verify",
        "pairs of images could not be compared because a shard cannot be read: run prep verify"),
      words(
        state.truncatedSamples, "image has more near duplicates than are kept",
        "images have more near duplicates than are kept"),
    ].compactMap { $0 }
  }

  /// Adds the pairs whose labels are wrong according to the errata.
  ///
  /// - Parameters:
  ///   - places: the positions of the pairs in their lists.
  ///   - record: the protocol.
  ///   - catalog: the store's catalog.
  ///   - line: describes the position of a pair in the official list, given its part and number.
  /// - Throws: ``CatalogError`` if the catalog cannot be read.
  public mutating func add(
    wrong places: [Part: [Int]], of record: ProtocolRecord, _ catalog: Catalog,
    line: (Part, Int) -> String
  ) throws(CatalogError) {
    let pairs = places.flatMap { part, indices in
      indices.compactMap { record.pairs[part]?[$0] }
    }
    let images = try catalog.images(pairs.flatMap { [$0.left, $0.right] })
    for (part, indices) in places.sorted(by: { $0.key < $1.key }) {
      let numbers = record.numbers(of: part)
      for index in indices {
        guard let pair = record.pairs[part]?[index] else { continue }
        findings.append(
          Finding(
            kind: .wrongLabel, fold: part.fold, left: images[pair.left]?.path ?? "",
            right: images[pair.right]?.path ?? "",
            detail: line(part, numbers[index])))
      }
    }
  }

  /// Adds other findings.
  public mutating func add(_ further: [Finding]) { findings += further }
}
