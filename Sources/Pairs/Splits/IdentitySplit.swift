import Catalog
import Randomness

/// Puts every identity on one side, so that nobody who is trained on is tested on, and with it every
/// identity that has an image in common.
///
/// The side follows from a hash of the identity's name and the seed: it stays when others are added.
/// (Of identities that share an image the first name decides.) Exact shares are possible when asked
/// for; then the side hangs on who else there is.
public struct IdentitySplit: Sendable, Equatable {
  /// The share of identities that train, in 0...1.
  public let train: Double
  /// The share that validates, in 0...1.
  public let validation: Double
  /// Draws the sides.
  public let seed: Int
  /// When not empty, these identities test and every other trains or validates.
  public let testIdentities: Set<UTF8Key>
  /// Whether the shares are met to one identity rather than on average.
  public let isExact: Bool

  /// A split; what is left of the shares tests.
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

  /// The samples of each role; a role whose share is 0 has none.
  ///
  /// - Parameters:
  ///   - table: the samples.
  ///   - linked: who shares images; somebody who shares one with an identity named to test, but is
  ///     not named, is on no side.
  /// - Returns: the samples by role.
  /// - Throws: ``PairError`` when a role with a share has less than two identities.
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

  /// Identities in folds of like size, each fold with its samples.
  ///
  /// - Parameters:
  ///   - count: how many folds, at least 2.
  ///   - table: the samples.
  ///   - linked: who shares images.
  /// - Returns: the samples of each fold.
  /// - Throws: ``PairError`` when a fold has less than two identities.
  public func folds(
    _ count: Int, of table: SampleTable, linked: LinkedIdentities
  ) throws(PairError) -> [SampleTable] {
    guard !table.ids.isEmpty else { throw .emptyStore }
    var fold = [Int](repeating: 0, count: table.identities.count)
    if isExact {
      var sizes = [Int](repeating: 0, count: count)
      for group in groups(of: table, linked) {
        // The largest groups first, each into the emptiest fold.
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

  /// 1 - 0.7 - 0.3 is not quite 0.
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
      // A group goes where there is room for all of it; singles fill what is left.
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

  /// The groups of linked identities, the largest first, then by draw.
  private func groups(of table: SampleTable, _ linked: LinkedIdentities) -> [[Int]] {
    Dictionary(grouping: table.identities.indices) { linked.leaders[$0] }
      .map { (draw: draw(table.identities[$0.key]), members: $0.value) }
      .sorted { ($1.members.count, $0.draw) < ($0.members.count, $1.draw) }
      .map(\.members)
  }
}
