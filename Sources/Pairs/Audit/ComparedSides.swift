import Catalog

/// The sides of a protocol that must have nothing in common.
struct ComparedSides {
  private let fold: Int
  /// The side of each sample by its id; -1 if it is on no side.
  ///
  /// A sample on two sides has the first one here. A dictionary of ten million samples took a quarter
  /// of the time of a split.
  private var sideByID: [Int32] = []
  private var twice: Set<Int> = []
  /// Number of sides.
  private(set) var count = 0

  private static let none: Int32 = -1

  /// The sides of a protocol: its roles in each fold or, if it has only one role, its folds.
  static func all(of record: ProtocolRecord) -> [ComparedSides] {
    let parts = record.members.sorted { $0.key < $1.key }
    let roles = Set(parts.map(\.key.role))
    if roles.count == 1 {
      var sides = ComparedSides(fold: 0)
      for (_, samples) in parts { sides.add(samples) }
      return [sides]
    }
    return Set(parts.map(\.key.fold)).sorted().map { fold in
      var sides = ComparedSides(fold: fold)
      for (part, samples) in parts where part.fold == fold { sides.add(samples) }
      return sides
    }
  }

  private mutating func add(_ samples: [Int]) {
    let missing = (samples.max() ?? -1) + 1 - sideByID.count
    if missing > 0 { sideByID.append(contentsOf: repeatElement(Self.none, count: missing)) }
    for sample in samples {
      if sideByID[sample] == Self.none {
        sideByID[sample] = Int32(count)
      } else {
        twice.insert(sample)
      }
    }
    count += 1
  }

  private func side(of sample: Int) -> Int32? {
    guard sideByID.indices.contains(sample), sideByID[sample] != Self.none else { return nil }
    return sideByID[sample]
  }

  /// Finds identities with samples on two sides, and names on two sides that may be the same
  /// person.
  func sharedIdentities(_ table: SampleTable) -> [SharedSamples] {
    var shared: [SharedSamples] = []
    // By identity on any side: its first sample, and the side of that.
    var people: [SampleTable.Identity] = []
    var firsts: [(id: Int, side: Int32)] = []
    for identity in table.identities {
      let samples = table.ids[identity.samples].filter { side(of: $0) != nil }
      guard let first = samples.first, let side = side(of: first) else { continue }
      people.append(identity)
      firsts.append((first, side))
      if let other = samples.first(where: { self.side(of: $0) != side }) {
        shared.append(SharedSamples(kind: .identity, fold: fold, left: first, right: other))
      } else if let both = samples.first(where: { twice.contains($0) }) {
        shared.append(SharedSamples(kind: .identity, fold: fold, left: both, right: both))
      }
    }
    for (one, other) in NameVariants.pairs(people)
    where firsts[one].side != firsts[other].side {
      shared.append(
        SharedSamples(
          kind: .nameVariant, fold: fold, left: firsts[one].id, right: firsts[other].id))
    }
    return shared
  }

  /// Finds images on two sides that are the same file, have the same pixels, or look alike.
  func sharedImages(_ links: [DuplicateLink]) -> [SharedSamples] {
    var files = UnionFind()
    var copies = UnionFind()
    var linked: Set<Int> = []
    for link in links {
      linked.formUnion([link.later, link.earlier])
      guard link.kind != .near else { continue }
      // The same file has the same pixels, so a chain of links may contain both kinds.
      if link.kind == .file { files.join(link.later, link.earlier) }
      copies.join(link.later, link.earlier)
    }
    let groups = Dictionary(grouping: linked.filter { side(of: $0) != nil }.sorted()) {
      copies.leader($0)
    }
    var shared = nearImages(links, groups, &copies)
    for (_, group) in groups.sorted(by: { $0.key < $1.key }) {
      for other in group.dropFirst() where side(of: other) != side(of: group[0]) {
        let isFile = files.leader(other) == files.leader(group[0])
        shared.append(
          SharedSamples(
            kind: isFile ? .file : .pixels, fold: fold, left: group[0], right: other))
      }
    }
    return shared
  }

  /// Finds images on two sides that look alike.
  ///
  /// A link connects the first copies of two images, which may be on no side, so it holds for all
  /// copies. The first copy of each image on a side is compared with every copy of the other image:
  /// if any two are on different sides, one of these comparisons is of two sides as well.
  ///
  /// - Parameters:
  ///   - links: the duplicates.
  ///   - groups: the linked samples on any side by the leader of their copies, sorted.
  ///   - copies: the groups of copies.
  /// - Returns: the near duplicates, in the order of their links.
  private func nearImages(
    _ links: [DuplicateLink], _ groups: [Int: [Int]], _ copies: inout UnionFind
  ) -> [SharedSamples] {
    var shared: [SharedSamples] = []
    for link in links where link.kind == .near {
      let (one, other) = (copies.leader(link.earlier), copies.leader(link.later))
      // Copies of one image are found as such.
      guard one != other, let left = groups[one], let right = groups[other] else { continue }
      let pairs: [(Int, Int)] =
        right.map { (left[0], $0) } + left.dropFirst().map { ($0, right[0]) }
      for (image, alike) in pairs where side(of: image) != side(of: alike) {
        shared.append(SharedSamples(kind: .near, fold: fold, left: image, right: alike))
      }
    }
    return shared
  }
}
