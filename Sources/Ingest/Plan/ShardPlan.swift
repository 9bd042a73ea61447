import Catalog
import Datasets
import Foundation
import Shards

/// One shard to make: its number and the source files it may hold.
struct ShardAssignment: Sendable {
  let number: Int
  let scan: SourceScan
  let entries: [SourceEntry]
}

/// Cuts the images of several scans into shards of fixed runs of entries, one after the other, so
/// that what is in a shard depends neither on the number of workers nor on any other shard.
struct ShardPlan {
  private var scans: ArraySlice<SourceScan>
  private var current: (scan: SourceScan, entries: SourceEntries)?
  private let catalog: Catalog
  private let task: IngestTask?
  private let taken: Set<Int>
  private var left: Int
  private var number = 0
  private var pending: [SourceEntry] = []
  private let detector: ChangeDetector
  private let refreshes: Bool
  /// How many images the store knew already and that are not taken again.
  private(set) var skipped = 0
  /// Images the store knew that are others now.
  private(set) var changed = Examples()
  /// How many images of each scan the store knew, by the scan's place.
  private(set) var known: [Int]
  private var place = -1

  /// The plan for what `catalog` lacks of the first `limit` images of `scans`.
  ///
  /// - Parameters:
  ///   - scans: the images.
  ///   - catalog: tells what the store knows.
  ///   - task: the share of the shards that is made; `nil` for all.
  ///   - taken: the numbers of the shards there are.
  ///   - limit: only so many images, from the first; `nil` for all.
  ///   - detector: tells which known images are others now.
  ///   - refreshes: whether these are taken again.
  init(
    _ scans: [SourceScan], catalog: Catalog, task: IngestTask?, taken: Set<Int>, limit: Int?,
    detector: ChangeDetector, refreshes: Bool
  ) {
    self.scans = scans[...]
    self.catalog = catalog
    self.task = task
    self.taken = taken
    self.detector = detector
    self.refreshes = refreshes
    left = limit ?? .max
    known = Array(repeating: 0, count: scans.count)
  }

  /// The next shard; `nil` at the end.
  mutating func next() throws -> ShardAssignment? {
    while try advance() {
      guard let scan = current?.scan else { return nil }
      let isLast = try !fill(scan)
      let entries = Array(pending.prefix(Catalog.shardCapacity))
      pending.removeFirst(entries.count)
      if isLast && pending.isEmpty { current = nil }
      guard !entries.isEmpty else { continue }
      defer { number += 1 }
      if let task {
        let isMine = number % task.count == task.index && !taken.contains(number)
        guard isMine else { continue }
      } else {
        // The lowest free number: a run that goes on after an interruption gives every shard the
        // number and the files it would have had.
        while taken.contains(number) { number += 1 }
      }
      return ShardAssignment(number: number, scan: scan, entries: entries)
    }
    return nil
  }

  /// Whether there is a scan to take entries from.
  private mutating func advance() throws -> Bool {
    guard current == nil else { return true }
    guard let scan = scans.popFirst() else { return false }
    place += 1
    current = (scan, try scan.entries())
    return true
  }

  /// Takes entries until a shard is full; whether there may be more.
  private mutating func fill(_ scan: SourceScan) throws -> Bool {
    while pending.count < Catalog.shardCapacity {
      var fresh: [SourceEntry] = []
      while fresh.count < Catalog.shardCapacity, left > 0, let entry = current?.entries.next() {
        fresh.append(entry)
        left -= 1
      }
      guard !fresh.isEmpty else { return false }
      // A new store knows nothing, and asking it costs time.
      if task == nil && !taken.isEmpty {
        fresh = try unknown(fresh, of: scan)
      }
      pending += fresh
    }
    return true
  }

  /// The entries that the store does not know or, on request, those that are others now.
  private mutating func unknown(
    _ entries: [SourceEntry], of scan: SourceScan
  ) throws(CatalogError) -> [SourceEntry] {
    let dataset = scan.manifest.name
    let files = try catalog.known(entries.lazy.map(\.path), dataset: dataset)
    guard !files.isEmpty else { return entries }
    known[place] += files.count
    var touched: [(path: String, modified: Int)] = []
    let unknown = entries.filter { entry in
      guard let file = files[UTF8Key(entry.path)] else { return true }
      switch detector.verdict(entry, known: file) {
      case .same: break
      case .touched(let modified): touched.append((entry.path, modified))
      case .changed:
        changed.add(entry.path)
        if refreshes { return true }
      }
      skipped += 1
      return false
    }
    if !touched.isEmpty { try catalog.touch(touched, dataset: dataset) }
    return unknown
  }

  /// How many images and shards a share of the scans has, for all shards or one task's.
  static func size(_ scans: [SourceScan], task: IngestTask?, limit: Int?) -> (
    images: Int, shards: Int
  ) {
    var (left, images, shards) = (limit ?? .max, 0, 0)
    for scan in scans {
      var here = min(scan.images, left)
      left -= here
      while here > 0 {
        let size = min(here, Catalog.shardCapacity)
        if task.map({ shards % $0.count == $0.index }) ?? true { images += size }
        shards += 1
        here -= size
      }
    }
    return (images, shards)
  }

  /// SHA-256 over every path of the listing, in order.
  static func listing(_ scans: [SourceScan], limit: Int?) throws -> String {
    var digest = DigestBuilder()
    var left = limit ?? .max
    for scan in scans {
      digest.update(line: scan.manifest.name)
      for entry in try scan.entries() {
        guard left > 0 else { break }
        left -= 1
        digest.update(line: entry.path)
      }
    }
    return digest.finalize()
  }
}
