import Catalog

/// Checks on the pairs of a protocol.
enum PairChecks {
  /// Finds pairs of images with the same pixels, in the pairs of a list or among all pairs.
  static func identicalPairs(
    of record: ProtocolRecord, _ links: [DuplicateLink]
  ) -> [SharedSamples] {
    var copies = UnionFind()
    var linked: Set<Int> = []
    for link in links where link.kind != .near {
      copies.join(link.later, link.earlier)
      linked.formUnion([link.later, link.earlier])
    }
    guard !linked.isEmpty else { return [] }
    var found: [SharedSamples] = []
    for (part, pairs) in record.pairs.sorted(by: { $0.key < $1.key }) {
      let numbers = record.numbers(of: part)
      for (place, pair) in pairs.enumerated()
      where linked.contains(pair.left) && linked.contains(pair.right)
        && copies.leader(pair.left) == copies.leader(pair.right)
      {
        found.append(
          SharedSamples(
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
              SharedSamples(
                kind: .identicalPair, fold: part.fold, left: left, right: right,
                detail: "among all pairs"))
          }
        }
      }
    }
    return found
  }

  /// Finds repeated pairs, and labels that contradict the identities.
  static func repeatedAndContradicted(
    of record: ProtocolRecord, _ owners: [Int32]
  ) -> [SharedSamples] {
    var seen: Set<Pair> = []
    var fold = 0
    var found: [SharedSamples] = []
    for (part, pairs) in record.pairs.sorted(by: { $0.key < $1.key }) {
      // An identity that tests in one fold may train in another.
      if part.fold != fold { seen.removeAll(keepingCapacity: true) }
      fold = part.fold
      for (pair, number) in zip(pairs, record.numbers(of: part)) {
        func add(_ kind: Finding.Kind) {
          found.append(
            SharedSamples(
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
