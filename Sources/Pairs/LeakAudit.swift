import Catalog

/// What the sides of a protocol share and should not, and what else a reader of its figures should
/// know.
///
/// The sides are the roles; in a protocol whose folds only test, the folds.
public struct LeakAudit: Sendable {
  /// Everything that was found, by kind.
  public private(set) var findings: [Finding] = []
  /// Why duplicates between the sides may have been missed, in words; empty when none were.
  public let gaps: [String]

  /// How many findings there are of each kind.
  public var counts: [Finding.Kind: Int] {
    findings.reduce(into: [:]) { $0[$1.kind, default: 0] += 1 }
  }

  /// Findings that mean that one side knows something of the other.
  public var leaks: Int { findings.count { $0.kind.isLeak } }

  /// Looks through a protocol.
  ///
  /// - Parameters:
  ///   - record: the protocol.
  ///   - table: all samples of the store.
  ///   - links: which samples of the store are alike.
  ///   - catalog: the store's catalog.
  ///   - isClosedSet: whether the same people are on both sides by design.
  ///   - checksPairs: whether labels and repetitions of pairs are looked at; drawn pairs have neither
  ///     fault. Pairs of identical images are looked for in every protocol.
  /// - Throws: ``CatalogError`` when the catalog cannot be read.
  public init(
    _ record: ProtocolRecord, table: SampleTable, links: [DuplicateLink], catalog: Catalog,
    isClosedSet: Bool = false, checksPairs: Bool = false
  ) throws(CatalogError) {
    gaps = Self.gaps(try catalog.duplicateSearchState())
    var shared: [Shared] = []
    for arena in Arena.arenas(of: record) where arena.count > 1 {
      if !isClosedSet {
        shared += Self.identities(arena, table)
      }
      shared += Self.pictures(arena, links)
    }
    var ids = Set(shared.flatMap { [$0.left, $0.right] })
    let repeated =
      Self.identicalPairs(of: record, links)
      + (checksPairs ? Self.pairs(of: record, table.ownersByID) : [])
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

  /// Adds the pairs whose labels the errata call wrong.
  ///
  /// - Parameters:
  ///   - places: where they stand in their lists.
  ///   - record: the protocol.
  ///   - catalog: the store's catalog.
  ///   - line: says in words where in the official list a pair stands, by part and number.
  /// - Throws: ``CatalogError`` when the catalog cannot be read.
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

  /// Adds who and what View 1 of LFW has in common with View 2.
  public mutating func add(_ views: LFWProtocols.Views) {
    let people = Set(views.reporting.flatMap { [$0.left.name, $0.right.name] })
    let pairs = Set(views.reporting.map { Set([$0.left, $0.right]) })
    for role in Role.allCases {
      guard let list = views.development[role] else { continue }
      let shared = Set(list.flatMap { [$0.left.name, $0.right.name] }).intersection(people)
      for name in shared.sorted() {
        findings.append(
          Finding(
            kind: .viewPerson, left: name, right: name, detail: "View 1 \(role.rawValue)"))
      }
      for pair in list where pairs.contains([pair.left, pair.right]) {
        findings.append(
          Finding(
            kind: .viewPair, left: pair.left.path, right: pair.right.path,
            detail: "View 1 \(role.rawValue)"))
      }
    }
  }

  /// Two samples, and why they are noteworthy.
  private struct Shared {
    let kind: Finding.Kind
    let fold: Int
    let left: Int
    let right: Int
    var detail = ""
  }

  /// Sides that must have nothing in common.
  private struct Arena {
    let fold: Int
    /// The side of every sample; a sample on two sides has the first here.
    var sides: [Int: Int] = [:]
    var twice: Set<Int> = []
    var count = 0

    static func arenas(of record: ProtocolRecord) -> [Arena] {
      let parts = record.members.sorted { $0.key < $1.key }
      let roles = Set(parts.map(\.key.role))
      if roles.count == 1 {
        var arena = Arena(fold: 0)
        for (_, samples) in parts { arena.add(samples) }
        return [arena]
      }
      return Set(parts.map(\.key.fold)).sorted().map { fold in
        var arena = Arena(fold: fold)
        for (part, samples) in parts where part.fold == fold { arena.add(samples) }
        return arena
      }
    }

    private mutating func add(_ samples: [Int]) {
      for sample in samples {
        if sides[sample] == nil { sides[sample] = count } else { twice.insert(sample) }
      }
      count += 1
    }
  }

  private static func identities(_ arena: Arena, _ table: SampleTable) -> [Shared] {
    var shared: [Shared] = []
    // For names: the first sample of every identity on any side, and its sides.
    var names: [String] = []
    var firsts: [(id: Int, side: Int)] = []
    for identity in table.identities {
      let samples = table.ids[identity.samples].filter { arena.sides[$0] != nil }
      guard let first = samples.first, let side = arena.sides[first] else { continue }
      names.append(identity.name)
      firsts.append((first, side))
      if let other = samples.first(where: { arena.sides[$0] != side }) {
        shared.append(Shared(kind: .identity, fold: arena.fold, left: first, right: other))
      } else if let both = samples.first(where: { arena.twice.contains($0) }) {
        shared.append(Shared(kind: .identity, fold: arena.fold, left: both, right: both))
      }
    }
    for (one, other) in NameVariants.pairs(names) where firsts[one].side != firsts[other].side {
      shared.append(
        Shared(
          kind: .nameVariant, fold: arena.fold, left: firsts[one].id, right: firsts[other].id))
    }
    return shared
  }

  private static func pictures(_ arena: Arena, _ links: [DuplicateLink]) -> [Shared] {
    var shared: [Shared] = []
    var files = UnionFind()
    var copies = UnionFind()
    var linked: Set<Int> = []
    for link in links {
      if link.kind == .near {
        guard let one = arena.sides[link.earlier], let other = arena.sides[link.later] else {
          continue
        }
        if one != other {
          shared.append(
            Shared(kind: .near, fold: arena.fold, left: link.earlier, right: link.later))
        }
      } else {
        // The same file makes the same pixels, so that one chain may go through both.
        if link.kind == .file { files.join(link.later, link.earlier) }
        copies.join(link.later, link.earlier)
        linked.formUnion([link.later, link.earlier])
      }
    }
    let groups = Dictionary(grouping: linked.filter { arena.sides[$0] != nil }.sorted()) {
      copies.leader($0)
    }
    for (_, group) in groups.sorted(by: { $0.key < $1.key }) {
      for other in group.dropFirst() where arena.sides[other] != arena.sides[group[0]] {
        let isFile = files.leader(other) == files.leader(group[0])
        shared.append(
          Shared(
            kind: isFile ? .file : .pixels, fold: arena.fold, left: group[0], right: other))
      }
    }
    return shared
  }

  /// Comparisons of two images with the same pixels, in the pairs of a list or among all pairs.
  private static func identicalPairs(
    of record: ProtocolRecord, _ links: [DuplicateLink]
  ) -> [Shared] {
    var copies = UnionFind()
    var linked: Set<Int> = []
    for link in links where link.kind != .near {
      copies.join(link.later, link.earlier)
      linked.formUnion([link.later, link.earlier])
    }
    guard !linked.isEmpty else { return [] }
    var found: [Shared] = []
    for (part, pairs) in record.pairs.sorted(by: { $0.key < $1.key }) {
      let numbers = record.numbers(of: part)
      for (place, pair) in pairs.enumerated()
      where linked.contains(pair.left) && linked.contains(pair.right)
        && copies.leader(pair.left) == copies.leader(pair.right)
      {
        found.append(
          Shared(
            kind: .identicalPair, fold: part.fold, left: pair.left, right: pair.right,
            detail: "\(part.role.rawValue) pair \(numbers[place])"))
      }
    }
    guard record.kind == "all" else { return found }
    for (part, members) in record.members.sorted(by: { $0.key < $1.key }) {
      let groups = Dictionary(grouping: members.filter(linked.contains)) { copies.leader($0) }
      for (_, group) in groups.sorted(by: { $0.key < $1.key }) {
        for (place, left) in group.enumerated() {
          for right in group[(place + 1)...] {
            found.append(
              Shared(
                kind: .identicalPair, fold: part.fold, left: left, right: right,
                detail: "among all pairs"))
          }
        }
      }
    }
    return found
  }

  private static func pairs(of record: ProtocolRecord, _ owners: [Int32]) -> [Shared] {
    var seen: Set<Pair> = []
    var fold = 0
    var found: [Shared] = []
    for (part, pairs) in record.pairs.sorted(by: { $0.key < $1.key }) {
      // Who tests in one fold may train in another.
      if part.fold != fold { seen.removeAll(keepingCapacity: true) }
      fold = part.fold
      for (pair, number) in zip(pairs, record.numbers(of: part)) {
        func add(_ kind: Finding.Kind) {
          found.append(
            Shared(
              kind: kind, fold: part.fold, left: pair.left, right: pair.right,
              detail: "\(part.role.rawValue) pair \(number)"))
        }
        let key = Pair(
          left: min(pair.left, pair.right), right: max(pair.left, pair.right), genuine: true)
        if !seen.insert(key).inserted { add(.repeatedPair) }
        if (owners[pair.left] == owners[pair.right]) != pair.genuine { add(.contradictedLabel) }
      }
    }
    return found.sorted { $0.kind.rawValue > $1.kind.rawValue }
  }
}
