import Catalog

/// All pairs of a table's samples, computed from an index and not stored.
///
/// Pairs are ordered by the larger position, then by the smaller: pair 0 is of samples 0 and 1,
/// pair 1 of 0 and 2, pair 2 of 1 and 2. 5,000 samples have 12,497,500 pairs.
public struct AllPairs: RandomAccessCollection, Sendable {
  private let ids: [Int]
  private let owners: [Int32]

  /// Creates the collection of all pairs of a table.
  public init(_ table: SampleTable) {
    ids = table.ids
    owners = table.owners.map { Int32($0) }
  }

  /// The first index, 0.
  public var startIndex: Int { 0 }
  /// The number of pairs.
  public var endIndex: Int { ids.count * (ids.count - 1) / 2 }

  /// The pair at `index`.
  public subscript(index: Int) -> Pair {
    let (left, right) = PairDraw.positions(index)
    return pair(left, right)
  }

  private func pair(_ left: Int, _ right: Int) -> Pair {
    Pair(left: ids[left], right: ids[right], genuine: owners[left] == owners[right])
  }

  /// An iterator over all pairs in order, faster than access by index.
  public func makeIterator() -> Iterator { Iterator(pairs: self) }

  /// An iterator over all pairs.
  public struct Iterator: IteratorProtocol {
    fileprivate let pairs: AllPairs
    private var left = 0
    private var right = 1

    fileprivate init(pairs: AllPairs) {
      self.pairs = pairs
    }

    /// The next pair; `nil` at the end.
    public mutating func next() -> Pair? {
      guard right < pairs.ids.count else { return nil }
      defer {
        left += 1
        if left == right {
          right += 1
          left = 0
        }
      }
      return pairs.pair(left, right)
    }
  }
}
