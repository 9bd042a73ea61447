import Catalog
import Randomness

/// Draws pairs of a table without repeats and without comparing a sample with itself.
public struct PairDraw: Sendable {
  private let table: SampleTable
  private let owners: [Int]
  /// Number of genuine pairs that exist.
  public let genuineCount: Int
  /// Number of impostor pairs that exist.
  public let impostorCount: Int

  /// The genuine pairs available for each identity that has more than the cap.
  private let capped: [Int: [Int]]

  /// Prepares to draw from a table.
  ///
  /// - Parameters:
  ///   - table: the samples.
  ///   - cap: the maximum number of genuine pairs of one identity. If an identity has more, that
  ///     many are drawn in advance. `nil` for no limit.
  ///   - seed: the seed of the draw in advance.
  public init(_ table: SampleTable, cap: Int? = nil, seed: Int = 0) {
    self.table = table
    owners = table.owners
    var capped: [Int: [Int]] = [:]
    var (all, taken) = (0, 0)
    for (index, identity) in table.identities.enumerated() {
      let count = Self.pairs(of: identity.samples.count)
      all += count
      taken += min(count, cap ?? count)
      guard let cap, count > cap else { continue }
      var random = RandomStream(seed: seed, "cap of \(identity.dataset)/\(identity.name)")
      capped[index] = random.distinct(cap, below: count).sorted()
    }
    self.capped = capped
    genuineCount = taken
    impostorCount = table.ids.count * (table.ids.count - 1) / 2 - all
  }

  private func genuineCount(of owner: Int) -> Int {
    capped[owner]?.count ?? Self.pairs(of: table.identities[owner].samples.count)
  }

  /// Draws `count` different genuine pairs with equal probability, in the order of the table.
  ///
  /// - Precondition: At least `count` pairs exist.
  public func genuine(_ count: Int, random: inout RandomStream) -> [Pair] {
    precondition(count <= genuineCount, "\(count) of \(genuineCount) genuine pairs")
    let chosen = random.distinct(count, below: genuineCount).sorted()
    var pairs: [Pair] = []
    pairs.reserveCapacity(count)
    var owner = 0
    var first = 0
    for index in chosen {
      while index >= first + genuineCount(of: owner) {
        first += genuineCount(of: owner)
        owner += 1
      }
      let (left, right) = Self.positions(capped[owner]?[index - first] ?? index - first)
      let start = table.identities[owner].samples.lowerBound
      pairs.append(
        Pair(left: table.ids[start + left], right: table.ids[start + right], genuine: true))
    }
    return pairs
  }

  /// Draws `count` different impostor pairs with equal probability, in the order of the table.
  ///
  /// - Precondition: At least `count` pairs exist.
  public func impostor(_ count: Int, random: inout RandomStream) -> [Pair] {
    precondition(count <= impostorCount, "\(count) of \(impostorCount) impostor pairs")
    let all = table.ids.count * (table.ids.count - 1) / 2
    var chosen: [Int]
    if count > impostorCount / 2 {
      // Most pairs are wanted: list all and remove some, instead of searching for the last ones.
      let impostors = (0..<all).filter { isImpostor($0) }
      chosen = random.distinct(count, below: impostors.count).sorted().map { impostors[$0] }
    } else {
      var seen: Set<Int> = []
      seen.reserveCapacity(count)
      while seen.count < count {
        let index = random.index(below: all)
        if isImpostor(index) { seen.insert(index) }
      }
      chosen = seen.sorted()
    }
    return chosen.map { index in
      let (left, right) = Self.positions(index)
      return Pair(left: table.ids[left], right: table.ids[right], genuine: false)
    }
  }

  private func isImpostor(_ index: Int) -> Bool {
    let (left, right) = Self.positions(index)
    return owners[left] != owners[right]
  }

  private static func pairs(of count: Int) -> Int {
    count * (count - 1) / 2
  }

  /// The positions of the pair at `index` if all pairs are ordered by the larger position, then by
  /// the smaller.
  static func positions(_ index: Int) -> (left: Int, right: Int) {
    var right = Int((1 + (1 + 8 * Double(index)).squareRoot()) / 2)
    // The root may be wrong by about one.
    while pairs(of: right) > index { right -= 1 }
    while pairs(of: right + 1) <= index { right += 1 }
    return (index - pairs(of: right), right)
  }
}
