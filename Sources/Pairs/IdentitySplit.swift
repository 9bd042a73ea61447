import Catalog
import Randomness

/// Puts every identity on one side, so that nobody who is trained on is tested on.
///
/// The side follows from the identity's name and the seed alone: it stays when others are added.
public struct IdentitySplit: Sendable, Equatable {
  /// The share of identities that train, in 0...1.
  public let train: Double
  /// The share that validates, in 0...1.
  public let validation: Double
  /// Draws the sides.
  public let seed: Int
  /// When not empty, these identities test and every other trains or validates.
  public let testIdentities: Set<String>

  /// A split; what is left of the shares tests.
  public init(train: Double, validation: Double, seed: Int, testIdentities: Set<String> = []) {
    self.train = train
    self.validation = validation
    self.seed = seed
    self.testIdentities = testIdentities
  }

  /// The samples of each role; a role whose share is 0 has none.
  ///
  /// - Throws: ``PairError`` when a role with a share has less than two identities.
  public func apply(to table: SampleTable) throws(PairError) -> [Role: SampleTable] {
    guard !table.ids.isEmpty else { throw .emptyStore }
    let names = Set(table.identities.map(\.name))
    if let unknown = testIdentities.subtracting(names).min() {
      throw .unknownIdentity(name: unknown)
    }
    var parts: [Role: SampleTable] = [:]
    // 1 - 0.7 - 0.3 is not quite 0.
    for role in Role.allCases where share(of: role) > 1e-9 {
      let part = table.restricted { identity, _ in self.role(of: identity) == role }
      guard part.identities.count >= 2 else {
        throw .tooFewIdentities(role: role, count: part.identities.count)
      }
      parts[role] = part
    }
    return parts
  }

  private func share(of role: Role) -> Double {
    switch role {
    case .train: train
    case .validation: validation
    case .test: testIdentities.isEmpty ? 1 - train - validation : 1
    }
  }

  private func role(of identity: SampleTable.Identity) -> Role {
    if testIdentities.contains(identity.name) { return .test }
    var stream = RandomStream(seed: seed, "side of \(identity.dataset)/\(identity.name)")
    let draw = stream.uniform()
    if !testIdentities.isEmpty { return draw < validation ? .validation : .train }
    return draw < train ? .train : draw < train + validation ? .validation : .test
  }
}
