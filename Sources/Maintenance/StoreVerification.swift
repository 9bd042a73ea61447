import Catalog
import Foundation
import Imaging
import Shards

/// A difference between a store and its catalog.
public struct StoreProblem: Sendable, Equatable, Encodable {
  /// The shard's file or the catalog.
  public let file: String
  /// The row, if the problem concerns one sample.
  public let row: Int?
  /// A description of the problem.
  public let problem: String
}

/// The result of a verification.
public struct VerificationSummary: Sendable, Equatable {
  /// Number of shards read.
  public var shards = 0
  /// Number of samples whose hashes were computed.
  public var samples = 0
  /// Number of bytes in all shards.
  public var bytes = 0
  /// The problems, by file and row.
  public var problems: [StoreProblem] = []
  /// Files of a running or killed ingest; they are harmless, and the next ingest removes them.
  public var leftovers: [String] = []
}

/// Reads a whole store and compares every byte with its catalog.
public struct StoreVerification: Sendable {
  private let folder: StoreFolder
  private let jobs: Int
  private let explain: @Sendable (any Error) -> String
  private let progress: @Sendable (_ done: Int, _ total: Int) -> Void

  /// Creates a verification with `jobs` workers, each of which reads one shard at a time.
  public init(
    _ folder: StoreFolder, jobs: Int,
    explain: @escaping @Sendable (any Error) -> String = { "\($0)" },
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
  ) {
    self.folder = folder
    self.jobs = max(1, jobs)
    self.explain = explain
    self.progress = progress
  }

  /// Verifies the store.
  ///
  /// - Throws: ``CatalogError`` if the catalog cannot be read; problems of the store are in the
  ///   summary.
  public func run() async throws(CatalogError) -> VerificationSummary {
    let catalog = try Catalog.open(folder)
    let shards = try catalog.shards()
    let shape = try Self.shape(catalog)
    var summary = VerificationSummary()
    summary.problems = try catalog.integrityProblems().map { problem(folder.catalog, $0) }
    summary.problems += try unwiped(catalog)
    summary.leftovers = leftovers(shards)
    await withTaskGroup(of: Result<VerificationSummary, CatalogError>.self) { group in
      var waiting = shards.makeIterator()
      func start() {
        guard let shard = waiting.next() else { return }
        group.addTask {
          do throws(CatalogError) {
            return .success(
              verify(
                shard, shape, rows: try catalog.samples(ofShard: shard.number),
                hashes: try catalog.hashes(ofShard: shard.number)))
          } catch { return .failure(error) }
        }
      }
      for _ in 0..<jobs { start() }
      for await result in group {
        start()
        switch result {
        case .failure(let error):
          summary.problems.append(
            problem(folder.catalog, "its rows cannot be read: \(explain(error))"))
        case .success(let part):
          summary.shards += part.shards
          summary.samples += part.samples
          summary.bytes += part.bytes
          summary.problems += part.problems
          progress(summary.shards, shards.count)
        }
      }
    }
    summary.problems.sort { ($0.file, $0.row ?? -1) < ($1.file, $1.row ?? -1) }
    return summary
  }

  private static func shape(_ catalog: Catalog) throws(CatalogError) -> SampleShape? {
    let json = try catalog.configuration() ?? ""
    return (try? JSONDecoder().decode(SampleConfiguration.self, from: Data(json.utf8)))?.shape
  }

  private func unwiped(_ catalog: Catalog) throws(CatalogError) -> [StoreProblem] {
    try catalog.unwipedShards().map { shard, _ in
      problem(
        folder.shard(shard),
        "samples of forgotten people are still to be overwritten; give prep forget again")
    }
  }

  private func problem(_ file: String, row: Int? = nil, _ words: String) -> StoreProblem {
    StoreProblem(file: file, row: row, problem: words)
  }

  /// Returns files that look like shards but have no row in the catalog.
  ///
  /// A run creates such files before it commits their rows.
  private func leftovers(_ shards: [ShardRecord]) -> [String] {
    let known = Set(shards.map { StoreFolder.shardName($0.number) })
    return StoreWriting.shardFiles(in: folder).filter { !known.contains($0) }.sorted().map {
      "\(folder.shards)/\($0)"
    }
  }

  private func verify(
    _ shard: ShardRecord, _ shape: SampleShape?, rows: [Sample], hashes: [UInt64]?
  ) -> VerificationSummary {
    var summary = VerificationSummary(shards: 1)
    let path = folder.shard(shard.number)
    func note(_ words: String, row: Int? = nil) {
      summary.problems.append(problem(path, row: row, words))
    }
    let reader: ShardFile
    let contents: ShardFile.Contents
    do throws(ShardError) {
      reader = try ShardFile(path: path)
      contents = try reader.contents()
    } catch {
      note(describe(error))
      return summary
    }
    summary.bytes = reader.byteCount
    summary.samples = reader.count
    if reader.byteCount != shard.byteCount {
      note("\(reader.byteCount) bytes where \(shard.byteCount) belong")
    }
    if contents.sha256 != shard.sha256 { note("its SHA-256 is not the one recorded") }
    if let shape, reader.shape != shape { note("its samples are \(reader.shape), not \(shape)") }
    if reader.metadata["shard"] != String(shard.number) {
      note("it says that it is shard \(reader.metadata["shard"] ?? "?")")
    }
    if rows.count != shard.samples || rows.map(\.row) != Array(0..<reader.count) {
      note("\(reader.count) samples, but \(rows.count) rows of the catalog")
    }
    if hashes != rows.map(\.perceptualHash) {
      note("the perceptual hashes kept for it are not those of its rows")
    }
    for sample in rows where sample.row < reader.count {
      if contents.samples[sample.row] != sample.pixelsSHA256 {
        note("\(sample.path): the pixels are not those recorded", row: sample.row)
      }
    }
    return summary
  }

  private func describe(_ error: ShardError) -> String {
    if case .system(_, _, let code) = error { return String(cString: strerror(code)) }
    return explain(error)
  }
}
