import Catalog
import Dispatch
import Foundation
import Synchronization

/// Compares the samples of new shards with each other and with all samples searched before.
struct DuplicateBatch {
  private let catalog: Catalog
  private let thumbnails: Thumbnails
  private let new: [ShardHashes]
  private let newShards: Set<Int>
  /// The digests of samples by id, without dropped and replaced ones: those of the batch, and
  /// earlier ones when needed.
  private var digests: [Int: (file: String, pixels: String)]
  /// For each sample, the first sample of the batch with the same pixels.
  private var firsts: [Int: Int] = [:]
  /// The samples that are the first in the batch with their pixels, ascending.
  private var ids: [Int] = []
  private var hashes: [UInt64] = []
  /// For the samples in `ids`, an earlier sample with the same pixels, if there is one.
  private var originals: [Int: Int] = [:]
  /// The results.
  private(set) var evidence = DuplicateEvidence()

  /// Loads the samples of the unsearched `shards` of `catalog`.
  init(
    _ catalog: Catalog, shards: [Int], _ thumbnails: Thumbnails
  ) throws {
    self.catalog = catalog
    self.thumbnails = thumbnails
    newShards = Set(shards)
    var found: [ShardHashes] = []
    digests = [:]
    for shard in shards {
      found += try catalog.shardHashes(above: shard - 1, limit: 1)
      digests.merge(try catalog.pictureDigests(ofShard: shard)) { first, _ in first }
    }
    new = found
    var byPixels: [String: Int] = [:]
    for shard in new {
      for (row, hash) in shard.hashes.enumerated() {
        let id = shard.shard * Catalog.shardCapacity + row
        guard let pixels = digests[id]?.pixels else { continue }
        if let first = byPixels[pixels] {
          firsts[id] = first
        } else {
          byPixels[pixels] = id
          firsts[id] = id
          ids.append(id)
          hashes.append(hash)
        }
      }
    }
  }

  /// A pair to compare.
  private struct Candidate {
    /// The index of the new sample in `ids`.
    let later: Int32
    let distance: Int32
    /// The id of the earlier sample.
    let earlier: Int
  }

  /// Finds all pairs and stores them in ``evidence``.
  ///
  /// - Throws: `CancellationError` if the task is cancelled.
  mutating func search() throws {
    var candidates = try candidates()
    candidates.sort { ($0.later, $0.distance, $0.earlier) < ($1.later, $1.distance, $1.earlier) }
    try linkCopies()
    try compare(candidates)
    for shard in new {
      var bits = RowBits(count: shard.hashes.count, repeating: false)
      for row in shard.hashes.indices {
        let id = shard.shard * Catalog.shardCapacity + row
        bits[row] = firsts[id] == id && originals[id] == nil
      }
      evidence.firsts[shard.shard] = bits
    }
  }

  /// Returns the pairs with similar hashes, up to a limit for each sample.
  ///
  /// It also finds the samples with the pixels of an earlier one, independently of that limit.
  private mutating func candidates() throws -> [Candidate] {
    let index = HashIndex(hashes)
    var found: [Candidate] = []
    var counts = [Int32](repeating: 0, count: ids.count)
    func add(_ later: Int, _ earlier: Int, _ distance: Int) {
      counts[later] += 1
      if counts[later] <= Int32(DuplicateLimits.candidatePairs) {
        found.append(Candidate(later: Int32(later), distance: Int32(distance), earlier: earlier))
      }
    }
    // Within the batch, the later sample is the one with the higher id.
    let ids = ids
    index.forEachNear(hashes, limit: Catalog.nearDistance) { hit in
      if hit.place > hit.other { add(hit.place, ids[hit.other], hit.distance) }
      return !Task.isCancelled
    }
    var pages = HashPages(catalog)
    while let page = try pages.next() {
      guard !Task.isCancelled else { throw CancellationError() }
      let old = page.filter { !newShards.contains($0.shard) && $0.firsts != nil }
      try compare(with: old, index, add)
    }
    for (place, count) in counts.enumerated() where count > DuplicateLimits.candidatePairs {
      evidence.truncated.insert(ids[place])
    }
    return found
  }

  /// Adds the pairs of the batch and earlier shards, and finds samples with the pixels of an earlier
  /// one.
  private mutating func compare(
    with shards: [ShardHashes], _ index: HashIndex,
    _ add: (_ later: Int, _ earlier: Int, _ distance: Int) -> Void
  ) throws {
    var equal: [(later: Int, earlier: Int)] = []
    for (shard, hits) in zip(shards, Self.hits(shards, index)) {
      func take(_ hit: HashIndex.Hit, row: Int) {
        guard shard.firsts?[row] == true else { return }
        let earlier = shard.shard * Catalog.shardCapacity + row
        add(hit.place, earlier, hit.distance)
        if hit.distance == 0 { equal.append((hit.place, earlier)) }
      }
      guard hits == nil else {
        for hit in hits ?? [] { take(hit, row: hit.other) }
        continue
      }
      for start in stride(from: 0, to: shard.hashes.count, by: Self.rowsAtOnce) {
        let rows = Array(shard.hashes[start...].prefix(Self.rowsAtOnce))
        index.forEachNear(rows, limit: Catalog.nearDistance) { hit in
          take(hit, row: start + hit.other)
          return !Task.isCancelled
        }
        try findOriginals(equal)
        equal.removeAll()
      }
    }
    try findOriginals(equal)
  }

  /// Number of rows looked up at once in a shard with very many pairs.
  private static let rowsAtOnce = 64

  /// The maximum number of pairs of a shard that are kept in memory.
  ///
  /// A shard with more pairs, for example of thousands of black frames, is searched again
  /// separately.
  private static let keptHits = 65_536

  /// Number of shards that are looked up at once: the more, the less sorting for each, but every
  /// processor must have some.
  private static func shardsAtOnce(of count: Int) -> Int {
    min(max(8, count / (2 * ProcessInfo.processInfo.activeProcessorCount)), 64)
  }

  /// Returns the hits of each shard's hashes; `nil` for a shard with too many pairs to keep.
  ///
  /// Groups of shards are distributed over the processors.
  private static func hits(_ shards: [ShardHashes], _ index: HashIndex) -> [[HashIndex.Hit]?] {
    let found = Mutex([[HashIndex.Hit]?](repeating: [], count: shards.count))
    let shardsAtOnce = shardsAtOnce(of: shards.count)
    let groups = (shards.count + shardsAtOnce - 1) / shardsAtOnce
    DispatchQueue.concurrentPerform(iterations: groups) { group in
      let first = group * shardsAtOnce
      let own = shards[first..<min(first + shardsAtOnce, shards.count)]
      let hits = Self.hits(ofGroup: own, index)
      found.withLock { $0.replaceSubrange(own.indices, with: hits) }
    }
    return found.withLock { $0 }
  }

  private static func hits(
    ofGroup shards: ArraySlice<ShardHashes>, _ index: HashIndex
  ) -> [[HashIndex.Hit]?] {
    let limit = Catalog.nearDistance
    var hashes: [UInt64] = []
    hashes.reserveCapacity(shards.reduce(0) { $0 + $1.hashes.count })
    for shard in shards { hashes += shard.hashes }
    guard let all = index.near(hashes, limit: limit, maxCount: keptHits) else {
      // One of them has very many.
      return shards.map { index.near($0.hashes, limit: limit, maxCount: keptHits) }
    }
    var found = [[HashIndex.Hit]?](repeating: [], count: shards.count)
    guard !all.isEmpty else { return found }
    let places = shards.enumerated().flatMap { offset, shard in
      shard.hashes.indices.map { (shard: offset, row: $0) }
    }
    for hit in all {
      let (shard, row) = places[hit.other]
      found[shard]?.append(HashIndex.Hit(other: row, place: hit.place, distance: hit.distance))
    }
    return found
  }

  /// Finds the earlier samples with the same pixels among those with the same hash.
  private mutating func findOriginals(
    _ equal: [(later: Int, earlier: Int)]
  ) throws {
    let open = equal.filter { originals[ids[$0.later]] == nil }
    guard !open.isEmpty else { return }
    let (catalog, earlier) = (catalog, Set(open.map(\.earlier)))
    let known = try catalog.pictureDigests(earlier)
    for (later, earlier) in open where originals[ids[later]] == nil {
      guard let digest = known[earlier], digest.pixels == digests[ids[later]]?.pixels else {
        continue
      }
      originals[ids[later]] = earlier
      digests[earlier] = digest
    }
  }

  /// Links samples to an earlier one with the same pixels, in the order of their ids.
  private mutating func linkCopies() throws {
    // For the first sample with some pixels: the first sample of each file, by the file's digest.
    var files: [Int: [String: Int]] = [:]
    for id in firsts.keys.sorted() {
      guard let mine = digests[id], let batchFirst = firsts[id] else { continue }
      let first = originals[batchFirst] ?? batchFirst
      guard first != id else { continue }
      if files[first] == nil {
        files[first] = [digests[first]?.file ?? "": first]
        let catalog = catalog
        let others = try catalog.otherFiles(ofPicture: first)
        for other in others { files[first]?[other.sha256] = other.sample }
      }
      if let same = files[first]?[mine.file] {
        evidence.same.append(DuplicateLink(kind: .file, later: id, earlier: same))
      } else {
        files[first]?[mine.file] = id
        evidence.same.append(DuplicateLink(kind: .pixels, later: id, earlier: first))
      }
    }
  }

  /// Compares the thumbnails of the candidates in which both samples are the first with their
  /// pixels.
  private mutating func compare(_ candidates: [Candidate]) throws {
    var current = -1
    var kept = 0
    for candidate in candidates {
      let later = Int(candidate.later)
      let (id, distance) = (ids[later], Int(candidate.distance))
      guard originals[id] == nil, originals[candidate.earlier] == nil else { continue }
      if later != current {
        guard !Task.isCancelled else { throw CancellationError() }
        (current, kept) = (later, 0)
      }
      guard kept < DuplicateLimits.keptPairs else {
        evidence.truncated.insert(id)
        continue
      }
      guard let correlation = thumbnails.correlation(id, candidate.earlier) else {
        evidence.uncompared.append(
          NearPair(sample: id, earlier: candidate.earlier, distance: distance))
        continue
      }
      guard correlation >= DuplicateLimits.minCorrelation else { continue }
      kept += 1
      evidence.near.append(
        NearPair(
          sample: id, earlier: candidate.earlier, distance: distance,
          correlation: correlation))
    }
  }
}
