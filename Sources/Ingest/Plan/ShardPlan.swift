import Catalog
import Datasets
import Foundation
import Shards

/// A shard to make: its number and its source files.
struct ShardAssignment: Sendable {
  let number: Int
  let scan: SourceScan
  let entries: [SourceEntry]
}

/// Divides the images of several scans into shards, each a fixed sequence of entries.
///
/// The content of a shard is therefore independent of the number of workers and of the other
/// shards.
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
  private var forgotten: ForgottenFilter
  /// Number of images of people who were taken out of the store.
  var forgottenImages: Int { forgotten.count }
  /// Number of images that are already in the store and are not ingested again.
  private(set) var skipped = 0
  /// Known images that have changed.
  private(set) var changed = CountedExamples()
  /// Number of known images in each scan, by the scan's index.
  private(set) var known: [Int]
  private var place = -1
  /// Index of the next image of the current scan.
  private var position = 0

  /// Creates a plan for those of the first `limit` images of `scans` that are not in `catalog`.
  ///
  /// - Parameters:
  ///   - scans: the images.
  ///   - catalog: the catalog of the store.
  ///   - task: the share of the shards to make; `nil` for all.
  ///   - taken: the numbers of the existing shards.
  ///   - limit: number of images, from the first; `nil` for all.
  ///   - detector: detects known images that have changed.
  ///   - refreshes: whether changed images are ingested again.
  /// - Throws: ``CatalogError`` if it cannot be read.
  init(
    _ scans: [SourceScan], catalog: Catalog, task: IngestTask?, taken: Set<Int>, limit: Int?,
    detector: ChangeDetector, refreshes: Bool
  ) throws(CatalogError) {
    self.scans = scans[...]
    self.catalog = catalog
    self.task = task
    self.taken = taken
    self.detector = detector
    self.refreshes = refreshes
    forgotten = ForgottenFilter(try catalog.tombstones())
    left = limit ?? .max
    known = Array(repeating: 0, count: scans.count)
  }

  /// Returns the next shard; `nil` at the end.
  mutating func next() throws -> ShardAssignment? {
    while try advance() {
      guard let scan = current?.scan else { return nil }
      try skipOtherTasks(in: scan)
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
        // The lowest free number: a run that continues after an interruption gives each shard the
        // number and the files that it would have had.
        while taken.contains(number) { number += 1 }
      }
      return ShardAssignment(number: number, scan: scan, entries: entries)
    }
    return nil
  }

  /// Opens the next scan if necessary; returns false if there is none.
  private mutating func advance() throws -> Bool {
    guard current == nil else { return true }
    guard let scan = scans.popFirst() else { return false }
    place += 1
    position = 0
    current = (scan, try scan.entries())
    return true
  }

  /// Moves on to the next shard of this task, where a stored listing allows it.
  ///
  /// The time of a task is then that of its own images, and not of all.
  private mutating func skipOtherTasks(in scan: SourceScan) throws {
    guard let task, scan.isStored, forgotten.isEmpty, pending.isEmpty else { return }
    let start = position
    while position < scan.images, left > 0,
      number % task.count != task.index || taken.contains(number)
    {
      let size = min(Catalog.shardCapacity, scan.images - position, left)
      (position, left, number) = (position + size, left - size, number + 1)
    }
    if position > start { current = (scan, try scan.entries(from: position)) }
    position += Catalog.shardCapacity
  }

  /// Collects entries until a shard is full; returns true if there may be more.
  private mutating func fill(_ scan: SourceScan) throws -> Bool {
    while pending.count < Catalog.shardCapacity {
      var fresh: [SourceEntry] = []
      while fresh.count < Catalog.shardCapacity, left > 0, let entry = current?.entries.next() {
        left -= 1
        if !forgotten.contains(entry, dataset: scan.manifest.name) { fresh.append(entry) }
      }
      guard !fresh.isEmpty else { return false }
      // A new store contains nothing, and the query takes time.
      if task == nil && !taken.isEmpty {
        fresh = try unknown(fresh, of: scan)
      }
      pending += fresh
    }
    return true
  }

  /// Returns the entries that are not in the store and, on request, those that have changed.
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

  /// Returns the number of images and shards of the scans, for all shards or those of one task.
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

  /// Returns SHA-256 over all paths of the listing, in order.
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
