import Catalog
import Dispatch
import Synchronization

/// Compares the samples of some new shards with each other and with all that were searched before.
struct DuplicateBatch {
  private let catalog: Catalog
  private let thumbnails: NearDuplicates.Thumbnails
  private let new: [ShardHashes]
  private let newShards: Set<Int>
  /// The samples that count, by id: those of the batch, and earlier ones as they are needed.
  private var digests: [Int: (file: String, pixels: String)]
  /// The first sample of the batch with the pixels of each.
  private var firsts: [Int: Int] = [:]
  /// The samples of the batch that are the first there with their pixels, ascending.
  private var ids: [Int] = []
  private var hashes: [UInt64] = []
  /// Earlier samples with the pixels of those.
  private var originals: [Int: Int] = [:]
  /// What was found.
  private(set) var evidence = DuplicateEvidence()

  /// The samples of `shards`, which were not searched, in `catalog`.
  init(
    _ catalog: Catalog, shards: [Int], _ thumbnails: NearDuplicates.Thumbnails
  ) throws(IngestError) {
    self.catalog = catalog
    self.thumbnails = thumbnails
    newShards = Set(shards)
    (new, digests) = try onCatalog { () throws(CatalogError) in
      var found: [ShardHashes] = []
      var digests: [Int: (file: String, pixels: String)] = [:]
      for shard in shards {
        found += try catalog.shardHashes(above: shard - 1, limit: 1)
        digests.merge(try catalog.pictureDigests(ofShard: shard)) { first, _ in first }
      }
      return (found, digests)
    }
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

  /// A pair worth comparing: `later` is a place in `ids`.
  private struct Candidate {
    let later: Int
    let earlier: Int
    let distance: Int
  }

  /// Finds every pair and fills ``evidence``.
  ///
  /// - Throws: ``IngestError/interrupted`` when the task is cancelled.
  mutating func search() throws(IngestError) {
    var candidates = try candidates()
    candidates.sort { ($0.later, $0.distance, $0.earlier) < ($1.later, $1.distance, $1.earlier) }
    try findOriginals(candidates)
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

  /// The pairs whose hashes are near; of a sample with very many only some.
  private mutating func candidates() throws(IngestError) -> [Candidate] {
    let index = HashIndex(hashes)
    var found: [Candidate] = []
    var counts = [Int32](repeating: 0, count: ids.count)
    func add(_ later: Int, _ earlier: Int, _ distance: Int) {
      counts[later] += 1
      if counts[later] <= Int32(NearDuplicates.candidatePairs) {
        found.append(Candidate(later: later, earlier: earlier, distance: distance))
      }
    }
    // Among the new ones: the later of two is the one with the higher id.
    let ids = ids
    index.forEachNear(hashes, limit: Catalog.nearDistance) { hit in
      if hit.place > hit.other { add(hit.place, ids[hit.other], hit.distance) }
      return !Task.isCancelled
    }
    var last = -1
    while true {
      guard !Task.isCancelled else { throw .interrupted }
      let (catalog, above) = (catalog, last)
      let page = try onCatalog { () throws(CatalogError) in
        try catalog.shardHashes(above: above, limit: 256)
      }
      guard let end = page.last?.shard else { break }
      last = end
      let old = page.filter { !newShards.contains($0.shard) && $0.firsts != nil }
      for (shard, hits) in zip(old, Self.hits(old, index)) {
        func take(_ hit: HashIndex.Hit) -> Bool {
          if shard.firsts?[hit.other] == true {
            add(hit.place, shard.shard * Catalog.shardCapacity + hit.other, hit.distance)
          }
          return true
        }
        if let hits {
          for hit in hits { _ = take(hit) }
        } else {
          index.forEachNear(shard.hashes, limit: Catalog.nearDistance, take)
        }
      }
    }
    for (place, count) in counts.enumerated() where count > NearDuplicates.candidatePairs {
      evidence.truncated.insert(ids[place])
    }
    return found
  }

  /// So many pairs of a shard are kept in memory; where there are more, as of thousands of black frames,
  /// the shard is searched again by itself.
  private static let keptHits = 65_536

  /// What each shard's hashes are near to, the shards shared among the processors; `nil` for a shard
  /// with too many pairs to keep.
  private static func hits(_ shards: [ShardHashes], _ index: HashIndex) -> [[HashIndex.Hit]?] {
    let found = Mutex([[HashIndex.Hit]?](repeating: [], count: shards.count))
    DispatchQueue.concurrentPerform(iterations: shards.count) { place in
      let hits = index.near(
        shards[place].hashes, limit: Catalog.nearDistance, most: keptHits)
      if hits?.isEmpty != true { found.withLock { $0[place] = hits } }
    }
    return found.withLock { $0 }
  }

  /// Finds the earlier samples with the same pixels.
  private mutating func findOriginals(_ candidates: [Candidate]) throws(IngestError) {
    let equal = candidates.filter { $0.distance == 0 && digests[$0.earlier] == nil }
    let (catalog, earlier) = (catalog, Set(equal.map(\.earlier)))
    let known = try onCatalog { () throws(CatalogError) in try catalog.pictureDigests(earlier) }
    digests.merge(known) { first, _ in first }
    for candidate in equal
    where digests[candidate.earlier]?.pixels == digests[ids[candidate.later]]?.pixels {
      originals[ids[candidate.later]] = candidate.earlier
    }
  }

  /// Links samples with the pixels of an earlier one, in the order of their ids.
  private mutating func linkCopies() throws(IngestError) {
    // By the first sample of a picture: the first sample of each of its files.
    var files: [Int: [String: Int]] = [:]
    for id in firsts.keys.sorted() {
      guard let mine = digests[id], let batchFirst = firsts[id] else { continue }
      let first = originals[batchFirst] ?? batchFirst
      guard first != id else { continue }
      if files[first] == nil {
        files[first] = [digests[first]?.file ?? "": first]
        let catalog = catalog
        let others = try onCatalog { () throws(CatalogError) in
          try catalog.otherFiles(ofPicture: first)
        }
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

  /// Compares the thumbnails of candidates that are both the first of their kind.
  private mutating func compare(_ candidates: [Candidate]) throws(IngestError) {
    var current = -1
    var (compared, kept) = (0, 0)
    for candidate in candidates {
      let id = ids[candidate.later]
      guard originals[id] == nil, originals[candidate.earlier] == nil else { continue }
      if candidate.later != current {
        guard !Task.isCancelled else { throw .interrupted }
        (current, compared, kept) = (candidate.later, 0, 0)
      }
      guard compared < NearDuplicates.comparedPairs, kept < NearDuplicates.keptPairs else {
        evidence.truncated.insert(id)
        continue
      }
      compared += 1
      guard let correlation = thumbnails.correlation(id, candidate.earlier) else {
        evidence.uncompared.append(
          NearPair(sample: id, earlier: candidate.earlier, distance: candidate.distance))
        continue
      }
      guard correlation >= NearDuplicates.leastCorrelation else { continue }
      kept += 1
      evidence.near.append(
        NearPair(
          sample: id, earlier: candidate.earlier, distance: candidate.distance,
          correlation: correlation))
    }
  }
}
