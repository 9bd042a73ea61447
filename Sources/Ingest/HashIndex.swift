/// An index over perceptual hashes that finds all of them within a few bits of another.
///
/// The 64 bits are cut into four blocks of 16. Two hashes that differ in at most six bits differ in at
/// most one bit in one of the blocks at least (6 / 4 < 2), so that each hash is listed under the value
/// of each block and under the 16 values one bit away. No pair is missed.
struct HashIndex {
  private static let blocks = 4
  private static let bits = 16
  private static let values = 1 << bits

  private let hashes: [UInt64]
  /// For each block, where the list of each value begins: `[block][value]`, one more at the end.
  private let starts: [[Int32]]
  /// The lists: `[block][place]`, places in `hashes`.
  private let lists: [[Int32]]

  /// An index over `hashes`, at most a few hundred thousand.
  init(_ hashes: [UInt64]) {
    self.hashes = hashes
    var (starts, lists): ([[Int32]], [[Int32]]) = ([], [])
    for block in 0..<Self.blocks {
      var counts = [Int32](repeating: 0, count: Self.values + 1)
      for hash in hashes {
        Self.forEachNeighbour(of: Self.part(hash, block)) { counts[$0 + 1] += 1 }
      }
      for value in 0..<Self.values { counts[value + 1] += counts[value] }
      starts.append(counts)
      var list = [Int32](repeating: 0, count: Int(counts[Self.values]))
      for (place, hash) in hashes.enumerated() {
        Self.forEachNeighbour(of: Self.part(hash, block)) { value in
          list[Int(counts[value])] = Int32(place)
          counts[value] += 1
        }
      }
      lists.append(list)
    }
    self.starts = starts
    self.lists = lists
  }

  private static func part(_ hash: UInt64, _ block: Int) -> Int {
    Int(truncatingIfNeeded: hash >> UInt64(bits * block)) & (values - 1)
  }

  private static func forEachNeighbour(of value: Int, _ body: (Int) -> Void) {
    body(value)
    for bit in 0..<bits { body(value ^ 1 << bit) }
  }

  /// Calls `body` for every place whose hash differs from each of `others` in at most
  /// ``Catalog/nearDistance`` bits, once a pair.
  func forEachNear(
    _ others: [UInt64], limit: Int,
    _ body: (_ other: Int, _ place: Int, _ distance: Int) -> Void
  ) {
    for block in 0..<Self.blocks {
      starts[block].withUnsafeBufferPointer { starts in
        lists[block].withUnsafeBufferPointer { list in
          hashes.withUnsafeBufferPointer { hashes in
            for (index, other) in others.enumerated() {
              let value = Self.part(other, block)
              for place in Int(starts[value])..<Int(starts[value + 1]) {
                let place = Int(list[place])
                let difference = hashes[place] ^ other
                let distance = difference.nonzeroBitCount
                guard distance <= limit, Self.isFirst(block, difference) else { continue }
                body(index, place, distance)
              }
            }
          }
        }
      }
    }
  }

  /// Whether no earlier block finds the pair too.
  private static func isFirst(_ block: Int, _ difference: UInt64) -> Bool {
    for earlier in 0..<block where part(difference, earlier).nonzeroBitCount <= 1 { return false }
    return true
  }
}
