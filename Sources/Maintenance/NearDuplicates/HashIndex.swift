internal import CHashSearch

/// An index over perceptual hashes that finds all hashes within a few bits of another hash.
///
/// The 64 bits are divided into four blocks of 16 bits. Two hashes that differ in at most six bits
/// differ in at most one bit in at least one block (6 / 4 < 2). Each hash is therefore listed under
/// the value of each block and under the 16 values that differ in one bit, and no pair is missed.
struct HashIndex: Sendable {
  /// A pair of a looked-up hash and a hash of the index.
  struct Hit: Sendable {
    /// The index of the looked-up hash.
    let other: Int
    /// The index of the hash in this index.
    let place: Int
    /// Number of differing bits.
    let distance: Int
  }

  private static let blocks = 4
  private static let bits = 16
  private static let values = 1 << bits
  private static let leastCapacity = 4_096

  private let hashes: [UInt64]
  private let lists: [Lists]

  /// The lists of one block.
  private struct Lists: Sendable {
    /// The start of the list of each value, followed by the end of the last list.
    var starts: [Int32]
    /// The bits of each entry above the block.
    var tags: [UInt32]
    /// The index of each entry in the hashes.
    var places: [Int32]
    /// The length of the longest list.
    var longest: Int

    /// Calls `body` with the lists in the form of the C code, valid during the call.
    func withUnsafeBlock<Result>(
      shift: Int, _ hashes: [UInt64], _ body: (CHashBlock) -> Result
    ) -> Result {
      starts.withUnsafeBufferPointer { starts in
        tags.withUnsafeBufferPointer { tags in
          places.withUnsafeBufferPointer { places in
            hashes.withUnsafeBufferPointer { hashes in
              body(
                CHashBlock(
                  shift: Int32(shift), starts: starts.baseAddress, tags: tags.baseAddress,
                  places: places.baseAddress, hashes: hashes.baseAddress))
            }
          }
        }
      }
    }
  }

  /// Creates an index over `hashes`, at most a few hundred thousand.
  init(_ hashes: [UInt64]) {
    self.hashes = hashes
    lists = (0..<Self.blocks).map { Self.lists(hashes, $0) }
  }

  private static func lists(_ hashes: [UInt64], _ block: Int) -> Lists {
    var next = [Int32](repeating: 0, count: values + 1)
    for hash in hashes { forEachNeighbour(of: part(hash, block)) { next[$0 + 1] += 1 } }
    let longest = Int(next.max() ?? 0)
    for value in 0..<values { next[value + 1] += next[value] }
    let count = Int(next[values])
    var lists = Lists(
      starts: next, tags: [UInt32](repeating: 0, count: count),
      places: [Int32](repeating: 0, count: count), longest: longest)
    for (place, hash) in hashes.enumerated() {
      let tag = chashsearch_tag(hash, Int32(bits * block))
      forEachNeighbour(of: part(hash, block)) { value in
        let entry = Int(next[value])
        lists.tags[entry] = tag
        lists.places[entry] = Int32(place)
        next[value] += 1
      }
    }
    return lists
  }

  private static func part(_ hash: UInt64, _ block: Int) -> Int {
    Int(truncatingIfNeeded: hash >> UInt64(bits * block)) & (values - 1)
  }

  private static func forEachNeighbour(of value: Int, _ body: (Int) -> Void) {
    body(value)
    for bit in 0..<bits { body(value ^ 1 << bit) }
  }

  /// Calls `body` once for every pair of one of `others` and a hash of the index with at most
  /// `limit` differing bits.
  ///
  /// The order depends only on the hashes.
  ///
  /// - Parameters:
  ///   - others: the hashes to look up.
  ///   - limit: the maximum number of differing bits, at most six.
  ///   - body: receives a pair; returns false to stop the search.
  func forEachNear(_ others: [UInt64], limit: Int, _ body: (Hit) -> Bool) {
    for (block, lists) in lists.enumerated() {
      let capacity = max(lists.longest, Self.leastCapacity)
      let goesOn = withUnsafeTemporaryAllocation(of: CHashHit.self, capacity: capacity) { hits in
        lists.withUnsafeBlock(shift: Self.bits * block, hashes) { list in
          var done = 0
          while done < others.count {
            let count = chashsearch_find(
              list, others, others.count, Int32(limit), hits.baseAddress, capacity, &done)
            for hit in hits[..<count] {
              let (other, place) = (Int(hit.other), Int(hit.place))
              let difference = hashes[place] ^ others[other]
              guard Self.isFirst(block, difference) else { continue }
              let distance = difference.nonzeroBitCount
              guard body(Hit(other: other, place: place, distance: distance)) else { return false }
            }
          }
          return true
        }
      }
      guard goesOn else { return }
    }
  }

  /// Returns the pairs of ``forEachNear(_:limit:_:)`` in the same order; `nil` if there are more than
  /// `maxCount`, or about to be.
  ///
  /// Many hashes at once are looked up faster: they are sorted by each block first.
  func near(_ others: [UInt64], limit: Int, maxCount: Int) -> [Hit]? {
    var found: [Hit] = []
    var sorted = [UInt64](repeating: 0, count: others.count)
    var order = [Int32](repeating: 0, count: others.count)
    var starts = [Int32](repeating: 0, count: Self.values + 1)
    for (block, lists) in lists.enumerated() {
      let shift = Int32(Self.bits * block)
      chashsearch_sort(others, others.count, shift, &sorted, &order, &starts)
      let capacity = max(lists.longest, maxCount)
      var done = 0
      var hits = withUnsafeTemporaryAllocation(of: CHashHit.self, capacity: capacity) { hits in
        lists.withUnsafeBlock(shift: Self.bits * block, hashes) { list in
          let count = chashsearch_find(
            list, sorted, others.count, Int32(limit), hits.baseAddress, capacity, &done)
          return hits[..<count].map { (other: Int(order[Int($0.other)]), place: Int($0.place)) }
        }
      }
      guard done == others.count else { return nil }
      // The entries of a list are in the order of their places.
      hits.sort { ($0.other, $0.place) < ($1.other, $1.place) }
      for hit in hits {
        let difference = hashes[hit.place] ^ others[hit.other]
        guard Self.isFirst(block, difference) else { continue }
        guard found.count < maxCount else { return nil }
        found.append(
          Hit(other: hit.other, place: hit.place, distance: difference.nonzeroBitCount))
      }
    }
    return found
  }

  /// Returns true if `block` is the first of the blocks that find a pair, so that each pair is
  /// reported once.
  private static func isFirst(_ block: Int, _ difference: UInt64) -> Bool {
    for earlier in 0..<block where part(difference, earlier).nonzeroBitCount <= 1 { return false }
    return true
  }
}
