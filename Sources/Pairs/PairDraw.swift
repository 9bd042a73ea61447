import Catalog
import Randomness

/// Draws pairs of a table without repeats and without comparing a sample with itself.
public struct PairDraw: Sendable {
  private let table: SampleTable
  private let owners: [Int]
  /// How many genuine pairs exist.
  public let genuineCount: Int
  /// How many impostor pairs exist.
  public let impostorCount: Int

  /// Draws from this table.
  public init(_ table: SampleTable) {
    self.table = table
    owners = table.identities.enumerated().flatMap { index, identity in
      repeatElement(index, count: identity.samples.count)
    }
    genuineCount = table.identities.reduce(0) { sum, identity in
      sum + identity.samples.count * (identity.samples.count - 1) / 2
    }
    impostorCount = table.ids.count * (table.ids.count - 1) / 2 - genuineCount
  }

  /// `count` different genuine pairs, every one as likely, in the order of the table.
  ///
  /// - Precondition: there are as many.
  public func genuine(_ count: Int, random: inout RandomStream) -> [Pair] {
    precondition(count <= genuineCount, "\(count) of \(genuineCount) genuine pairs")
    let chosen = Self.distinct(count, below: genuineCount, random: &random)
    var pairs: [Pair] = []
    pairs.reserveCapacity(count)
    var owner = 0
    var first = 0
    for index in chosen {
      while index >= first + Self.pairs(of: table.identities[owner].samples.count) {
        first += Self.pairs(of: table.identities[owner].samples.count)
        owner += 1
      }
      let (left, right) = Self.positions(index - first)
      let start = table.identities[owner].samples.lowerBound
      pairs.append(
        Pair(left: table.ids[start + left], right: table.ids[start + right], genuine: true))
    }
    return pairs
  }

  /// `count` different impostor pairs, every one as likely, in the order of the table.
  ///
  /// - Precondition: there are as many.
  public func impostor(_ count: Int, random: inout RandomStream) -> [Pair] {
    precondition(count <= impostorCount, "\(count) of \(impostorCount) impostor pairs")
    let all = table.ids.count * (table.ids.count - 1) / 2
    var chosen: [Int]
    if count > impostorCount / 2 {
      // Most of them: name all and leave some out, rather than search for the last ones.
      let impostors = (0..<all).filter { isImpostor($0) }
      chosen = Self.distinct(count, below: impostors.count, random: &random).map { impostors[$0] }
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

  /// The pair at `index` when all pairs are listed by their larger position, then the smaller.
  static func positions(_ index: Int) -> (left: Int, right: Int) {
    var right = Int((1 + (1 + 8 * Double(index)).squareRoot()) / 2)
    // The root is exact to a unit or so.
    while pairs(of: right) > index { right -= 1 }
    while pairs(of: right + 1) <= index { right += 1 }
    return (index - pairs(of: right), right)
  }

  /// `count` different numbers below `bound`, sorted (Floyd's algorithm).
  private static func distinct(
    _ count: Int, below bound: Int, random: inout RandomStream
  ) -> [Int] {
    var chosen: Set<Int> = []
    chosen.reserveCapacity(count)
    for top in bound - count..<bound {
      let draw = random.index(below: top + 1)
      if !chosen.insert(draw).inserted { chosen.insert(top) }
    }
    return chosen.sorted()
  }
}
