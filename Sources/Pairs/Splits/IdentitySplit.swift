import Catalog
import Randomness

/// Assigns every identity to one side, so that no identity is both trained on and tested on.
///
/// Identities that have an image in common are on the same side.
///
/// The side is derived from a hash of the identity's name and the seed, so it does not change when
/// others are added. Identities that have an image in common use the first name. Exact fractions
/// are possible on request; then the side depends on the other identities.
public struct IdentitySplit: Sendable, Equatable {
  /// The fraction of identities that train, in 0...1.
  public let train: Double
  /// The fraction of identities that validate, in 0...1.
  public let validation: Double
  /// The seed of the assignment.
  public let seed: Int
  /// If not empty, these identities test and all others train or validate.
  public let testIdentities: Set<UTF8Key>
  /// Whether the fractions are met to within one identity instead of on average.
  public let isExact: Bool

  /// Creates a split; the remaining fraction tests.
  public init(
    train: Double, validation: Double, seed: Int, testIdentities: Set<UTF8Key> = [],
    isExact: Bool = false
  ) {
    self.train = train
    self.validation = validation
    self.seed = seed
    self.testIdentities = testIdentities
    self.isExact = isExact
  }

  /// The samples of each role; a role whose fraction is 0 has none.
  ///
  /// - Parameters:
  ///   - table: the samples.
  ///   - linked: the identities that share images. An identity that shares an image with one named
  ///     to test, but is not named itself, is on no side.
  /// - Returns: the samples by role.
  /// - Throws: ``PairError`` if a role with a fraction above 0 has fewer than two identities.
  public func apply(
    to table: SampleTable, linked: LinkedIdentities? = nil
  ) throws(PairError) -> [Role: SampleTable] {
    guard !table.ids.isEmpty else { throw .emptyStore }
    let names = Set(table.identities.map { UTF8Key($0.name) })
    if let unknown = testIdentities.subtracting(names).min() {
      throw .unknownIdentity(name: unknown.text)
    }
    let roles = roles(of: table, linked ?? LinkedIdentities(table))
    var parts: [Role: SampleTable] = [:]
    for role in Role.allCases where share(of: role) > Self.nothing {
      let part = table.identities { roles[$0] == role }
      guard part.identities.count >= 2 else {
        throw .tooFewIdentities(role: role, count: part.identities.count)
      }
      parts[role] = part
    }
    return parts
  }

  /// Splits identities into folds of similar size and returns the samples of each fold.
  ///
  /// - Parameters:
  ///   - count: the number of folds, at least 2.
  ///   - table: the samples.
  ///   - linked: the identities that share images.
  /// - Returns: the samples of each fold.
  /// - Throws: ``PairError`` if a fold has fewer than two identities.
  public func folds(
    _ count: Int, of table: SampleTable, linked: LinkedIdentities
  ) throws(PairError) -> [SampleTable] {
    guard !table.ids.isEmpty else { throw .emptyStore }
    var fold = [Int](repeating: 0, count: table.identities.count)
    if isExact {
      var sizes = [Int](repeating: 0, count: count)
      for group in groups(of: table, linked) {
        // The largest groups first, each into the smallest fold.
        let smallest = sizes.indices.min { sizes[$0] < sizes[$1] } ?? 0
        for index in group { fold[index] = smallest }
        sizes[smallest] += group.count
      }
    } else {
      for index in fold.indices {
        let leader = table.identities[linked.leaders[index]]
        fold[index] = min(count - 1, Int(draw(leader) * Double(count)))
      }
    }
    var parts: [SampleTable] = []
    for number in 0..<count {
      let part = table.identities { fold[$0] == number }
      guard part.identities.count >= 2 else {
        throw .smallFold(fold: number + 1, identities: part.identities.count)
      }
      parts.append(part)
    }
    return parts
  }

  /// 1 - 0.7 - 0.3 is not exactly 0.
  private static let nothing = 1e-9

  private func share(of role: Role) -> Double {
    switch role {
    case .train: testIdentities.isEmpty ? train : 1 - validation
    case .validation: validation
    case .test: testIdentities.isEmpty ? 1 - train - validation : 1
    }
  }

  private func roles(of table: SampleTable, _ linked: LinkedIdentities) -> [Role?] {
    var roles = [Role?](repeating: nil, count: table.identities.count)
    if isExact {
      var open = table.identities.count
      var wanted: [(role: Role, count: Int)] = []
      for role in [Role.test, .validation] {
        let count = Int((share(of: role) * Double(table.identities.count)).rounded())
        wanted.append((role, count))
        open -= count
      }
      wanted.append((.train, open))
      // A group is assigned to a side with room for all of it; single identities fill the rest.
      for group in groups(of: table, linked) {
        let place =
          wanted.firstIndex { $0.count >= group.count }
          ?? wanted.indices.max { wanted[$0].count < wanted[$1].count } ?? 0
        for index in group { roles[index] = wanted[place].role }
        wanted[place].count -= group.count
      }
      return roles
    }
    let tested = Set(
      table.identities.indices.filter {
        testIdentities.contains(UTF8Key(table.identities[$0].name))
      }
      .map { linked.leaders[$0] })
    for (index, identity) in table.identities.enumerated() {
      let leader = linked.leaders[index]
      if testIdentities.contains(UTF8Key(identity.name)) {
        roles[index] = .test
      } else if !tested.contains(leader) {
        roles[index] = role(at: draw(table.identities[leader]))
      }
    }
    return roles
  }

  private func role(at draw: Double) -> Role {
    if !testIdentities.isEmpty { return draw < validation ? .validation : .train }
    return draw < train ? .train : draw < train + validation ? .validation : .test
  }

  private func draw(_ identity: SampleTable.Identity) -> Double {
    var stream = RandomStream(seed: seed, "side of \(identity.dataset)/\(identity.name)")
    return stream.uniform()
  }

  /// The groups of linked identities, largest first, then in the drawn order.
  private func groups(of table: SampleTable, _ linked: LinkedIdentities) -> [[Int]] {
    Dictionary(grouping: table.identities.indices) { linked.leaders[$0] }
      .map { (draw: draw(table.identities[$0.key]), members: $0.value) }
      .sorted { ($1.members.count, $0.draw) < ($0.members.count, $1.draw) }
      .map(\.members)
  }
}
