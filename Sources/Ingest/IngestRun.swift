import Catalog
import Foundation
import Shards
import Synchronization

/// What an ingest did.
public struct IngestSummary: Sendable, Equatable {
  /// Samples stored by this run.
  public var samples = 0
  /// Files rejected by this run.
  public var rejections: [Rejection] = []
  /// Images that the store knew already.
  public var skipped = 0
}

/// Turns the images of one scan into shards and rows of a store.
///
/// A shard holds the samples of a fixed run of new source files in sorted order, so what is in it
/// depends neither on the number of workers nor on any other shard.
public struct IngestRun: Sendable {
  private let scan: SourceScan
  private let configuration: IngestConfiguration
  private let jobs: Int
  private let isStrict: Bool
  private let progress: @Sendable (_ done: Int, _ total: Int) -> Void

  /// A run over `scan`.
  ///
  /// - Parameters:
  ///   - scan: the images.
  ///   - configuration: how they become samples.
  ///   - jobs: how many workers; at least 1.
  ///   - isStrict: whether the first rejection ends the run.
  ///   - progress: called from the workers after every image.
  public init(
    scan: SourceScan, configuration: IngestConfiguration, jobs: Int, isStrict: Bool,
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
  ) {
    self.scan = scan
    self.configuration = configuration
    self.jobs = max(1, jobs)
    self.isStrict = isStrict
    self.progress = progress
  }

  /// One shard to make: its number and the source files it may hold.
  private struct Assignment: Sendable {
    let number: Int
    let entries: ArraySlice<SourceEntry>
  }

  /// One shard made, durably in its place but without its row yet.
  private struct Outcome: Sendable {
    let shard: ShardRecord
    let samples: [Sample]
    let rejections: [Rejection]
  }

  /// Brings the store at `folder` up to date with the scan.
  ///
  /// - Throws: ``IngestError``; what was committed before it stays and counts.
  public func run(into folder: StoreFolder) async throws(IngestError) -> IngestSummary {
    try ImageDecoder.start()
    try Self.makeFolder(folder.shards)
    let lock = try onCatalog { () throws(CatalogError) in try StoreLock(folder) }
    guard folder.exists || Self.shardFiles(in: folder).isEmpty else {
      throw .lostCatalog(folder: folder.path)
    }
    let catalog = try onCatalog { () throws(CatalogError) in
      let catalog = try Catalog.openOrCreate(folder)
      try catalog.adopt(configuration: configuration.json)
      return catalog
    }
    try claimDataset(in: catalog)
    let summary = try await work(on: catalog)
    _ = consume lock
    return summary
  }

  /// Notes where the dataset lies.
  ///
  /// A folder that was moved is the same; two folders that both exist
  /// are not.
  private func claimDataset(in catalog: Catalog) throws(IngestError) {
    let (name, root) = (scan.manifest.name, Self.absolute(scan.root))
    let stored = try onCatalog { () throws(CatalogError) in try catalog.root(ofDataset: name) }
    if let stored, stored != root, FileManager.default.fileExists(atPath: stored) {
      throw .otherRoot(dataset: name, stored: stored, asked: root)
    }
    try onCatalog { () throws(CatalogError) in try catalog.addDataset(name, root: root) }
  }

  private func work(on catalog: Catalog) async throws(IngestError) -> IngestSummary {
    let (known, numbers) = try onCatalog { () throws(CatalogError) in
      (
        try catalog.known(scan.entries.lazy.map(\.path), dataset: scan.manifest.name),
        try catalog.shardNumbers()
      )
    }
    try Self.removeLeftovers(in: catalog.folder, keeping: numbers)
    let new = scan.entries.filter { !known.contains($0.path) }
    var summary = IngestSummary(skipped: known.count)
    let meter = ProgressMeter(total: new.count, report: progress)
    let result = await withTaskGroup(
      of: Result<Outcome, IngestError>.self, returning: Result<Void, IngestError>.self
    ) { group in
      var waiting = Self.assignments(for: new, taken: numbers).makeIterator()
      for _ in 0..<jobs { start(waiting.next(), in: &group, catalog.folder, meter) }
      for await result in group {
        do throws(IngestError) {
          let outcome = try result.get()
          try onCatalog { () throws(CatalogError) in
            try catalog.add(
              outcome.shard, samples: outcome.samples, rejections: outcome.rejections)
          }
          summary.samples += outcome.samples.count
          summary.rejections += outcome.rejections
          start(waiting.next(), in: &group, catalog.folder, meter)
        } catch {
          group.cancelAll()
          return .failure(error)
        }
      }
      return .success(())
    }
    try result.get()
    summary.rejections.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    return summary
  }

  private func start(
    _ assignment: Assignment?, in group: inout TaskGroup<Result<Outcome, IngestError>>,
    _ folder: StoreFolder, _ meter: ProgressMeter
  ) {
    guard let assignment else { return }
    group.addTask {
      do throws(IngestError) {
        return .success(try make(assignment, in: folder, meter))
      } catch { return .failure(error) }
    }
  }

  /// Cuts the new entries into shards that take the lowest free numbers, so that a run which goes
  /// on after an interruption gives every shard the number and the files it would have had.
  private static func assignments(
    for entries: [SourceEntry], taken: Set<Int>
  ) -> [Assignment] {
    var number = 0
    return stride(from: 0, to: entries.count, by: Catalog.shardCapacity).map { start in
      while taken.contains(number) { number += 1 }
      defer { number += 1 }
      let end = min(start + Catalog.shardCapacity, entries.count)
      return Assignment(number: number, entries: entries[start..<end])
    }
  }

  private func make(
    _ assignment: Assignment, in folder: StoreFolder, _ meter: ProgressMeter
  ) throws(IngestError) -> Outcome {
    let maker = SampleMaker(configuration)
    var samples: [Sample] = []
    var rejections: [Rejection] = []
    var writer: ShardWriter
    do throws(ShardError) {
      writer = try ShardWriter(
        path: folder.shard(assignment.number), shape: configuration.shape,
        capacity: assignment.entries.count, metadata: metadata(number: assignment.number))
    } catch { throw .shard(error) }
    for entry in assignment.entries {
      guard !Task.isCancelled else { throw .interrupted }
      switch maker.make("\(scan.root)/\(entry.path)") {
      case .success(let made):
        samples.append(sample(entry, made, shard: assignment.number, row: writer.count))
        do throws(ShardError) { try writer.append(made.pixels) } catch { throw .shard(error) }
      case .failure(let failure):
        let rejection = Rejection(
          dataset: scan.manifest.name, path: entry.path, reason: failure.reason,
          detail: failure.detail)
        guard !isStrict else { throw .rejected(rejection) }
        rejections.append(rejection)
      }
      meter.advance()
    }
    do throws(ShardError) {
      let finished = try writer.finish()
      let record = ShardRecord(
        number: assignment.number, dataset: scan.manifest.name, sha256: finished.sha256,
        byteCount: finished.byteCount)
      return Outcome(shard: record, samples: samples, rejections: rejections)
    } catch { throw .shard(error) }
  }

  private func sample(
    _ entry: SourceEntry, _ made: SampleMaker.Made, shard: Int, row: Int
  ) -> Sample {
    Sample(
      dataset: scan.manifest.name, identity: entry.identity, pose: entry.pose,
      number: entry.number, path: entry.path, sha256: made.sha256, width: made.width,
      height: made.height, shard: shard, row: row)
  }

  private func metadata(number: Int) -> [String: String] {
    let shape = configuration.shape
    var metadata = ImageDecoder.versions
    metadata["format"] = String(Catalog.format)
    metadata["dataset"] = scan.manifest.name
    metadata["sample_shape"] = "\(shape.height),\(shape.width),\(shape.channels)"
    metadata["ingest"] = configuration.json
    metadata["shard"] = String(number)
    return metadata
  }

  /// The files in `shards` that this project wrote, finished or not.
  private static func shardFiles(in folder: StoreFolder) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.shards)) ?? []
    return files.filter {
      $0.hasPrefix(DurableFile.temporaryPrefix) || $0.hasSuffix(StoreFolder.shardSuffix)
    }
  }

  /// Removes what an interrupted run left in `shards`: files that no row of the catalog names.
  private static func removeLeftovers(
    in folder: StoreFolder, keeping numbers: Set<Int>
  ) throws(IngestError) {
    let kept = Set(numbers.map(StoreFolder.shardName))
    for file in shardFiles(in: folder) where !kept.contains(file) {
      let path = "\(folder.shards)/\(file)"
      guard unlink(path) == 0 else {
        throw .shard(.system(operation: "remove", path: path, code: errno))
      }
    }
  }

  private static func makeFolder(_ path: String) throws(IngestError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .shard(.system(operation: "make the folder", path: path, code: errno))
    }
  }

  private static func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }

  private func onCatalog<Value: ~Copyable>(
    _ body: () throws(CatalogError) -> Value
  ) throws(IngestError) -> Value {
    do throws(CatalogError) { return try body() } catch { throw .catalog(error) }
  }
}

/// Counts finished images across workers.
private final class ProgressMeter: Sendable {
  private let done = Mutex(0)
  private let total: Int
  private let report: @Sendable (_ done: Int, _ total: Int) -> Void

  init(total: Int, report: @escaping @Sendable (_ done: Int, _ total: Int) -> Void) {
    self.total = total
    self.report = report
  }

  func advance() {
    let count = done.withLock { done in
      done += 1
      return done
    }
    report(count, total)
  }
}
