import Catalog
import Foundation
import Imaging
import Shards

/// The result of a merge.
public struct MergeSummary: Sendable, Equatable {
  /// Number of shards added by this run.
  public var shards = 0
  /// Number of samples in them.
  public var samples = 0
  /// Number of samples dropped because another has the same bytes or pixels.
  public var dropped = 0
}

/// Merges stores that hold the shares of one ingest, without rewriting a pixel.
public struct StoreMerge: Sendable {
  private let parts: [StoreFolder]
  private let dropsDuplicates: Bool
  private let notice: @Sendable (StoreNotice) -> Void
  private let progress: @Sendable (_ done: Int, _ total: Int) -> Void

  /// Creates a merge of `parts`, in any order.
  public init(
    _ parts: [StoreFolder], dropsDuplicates: Bool,
    notice: @escaping @Sendable (StoreNotice) -> Void = { _ in },
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
  ) {
    self.parts = parts
    self.dropsDuplicates = dropsDuplicates
    self.notice = notice
    self.progress = progress
  }

  private struct TaskStore {
    let catalog: Catalog
    let task: TaskRecord
    let shards: [ShardRecord]
  }

  /// Writes the merged store to `folder`, or continues an interrupted merge of the same parts.
  ///
  /// - Throws: ``MaintenanceError/badTaskStore(folder:reason:)`` or
  ///   ``MaintenanceError/missingTasks(_:count:)`` or ``MaintenanceError/allRejected(_:count:)``
  ///   before anything is written, or an I/O error.
  public func run(into folder: StoreFolder) throws -> MergeSummary {
    let parts = try open()
    let target = URL(fileURLWithPath: folder.path).resolvingSymlinksInPath().path
    for part in self.parts
    where URL(fileURLWithPath: part.path).resolvingSymlinksInPath().path == target {
      throw MaintenanceError.badTaskStore(
        folder: part.path, reason: "it is one of the parts; give another --out")
    }
    let notice = notice
    let writing = try StoreWriting(folder) { notice(.waitsForReader) }
    let catalog = writing.catalog
    defer { catalog.finishWriting() }
    let present = try prepare(catalog, for: parts)
    let total = parts.reduce(0) { $0 + $1.shards.count }
    var (summary, done) = (MergeSummary(), 0)
    for part in parts {
      guard !Task.isCancelled else { throw CancellationError() }
      let added = part.shards.filter { !present.contains($0.number) }
      if !added.isEmpty {
        try DurableFile.link(
          added.map { (part.catalog.folder.shard($0.number), folder.shard($0.number)) })
        try catalog.take(part.catalog)
      }
      summary.shards += added.count
      summary.samples += added.reduce(0) { $0 + $1.samples }
      done += part.shards.count
      progress(done, total)
    }
    try NearDuplicates.refresh(catalog, notice: notice)
    if dropsDuplicates {
      summary.dropped = try catalog.dropDuplicates()
    }
    _ = consume writing
    return summary
  }

  /// Opens all parts and checks that together they form one complete ingest.
  private func open() throws -> [TaskStore] {
    var opened: [TaskStore] = []
    for folder in parts {
      let catalog = try Catalog.open(folder)
      let shards = try catalog.shards()
      guard let task = try catalog.task() else {
        throw MaintenanceError.badTaskStore(
          folder: folder.path, reason: "it was not made with --task")
      }
      let part = TaskStore(catalog: catalog, task: task, shards: shards)
      if let first = opened.first { try check(part, like: first) }
      guard !opened.contains(where: { $0.task.index == task.index }) else {
        throw MaintenanceError.badTaskStore(
          folder: folder.path, reason: "task \(task.index) appears twice")
      }
      let wanted = stride(from: task.index, to: task.shards, by: task.count)
      guard shards.map(\.number) == Array(wanted) else {
        throw MaintenanceError.badTaskStore(
          folder: folder.path,
          reason: "it has \(shards.count) of its \(Array(wanted).count) shards: run its "
            + "prep ingest --task \(task.index)/\(task.count) again")
      }
      opened.append(part)
    }
    guard let count = opened.first?.task.count else { return [] }
    let missing = Set(0..<count).subtracting(opened.map(\.task.index)).sorted()
    guard missing.isEmpty else { throw MaintenanceError.missingTasks(missing, count: count) }
    try refuseNothing(opened)
    return opened
  }

  /// Refuses parts without a sample whose files were all rejected for one reason that depends on a
  /// setting: the store would refuse the corrected settings.
  private func refuseNothing(_ parts: [TaskStore]) throws {
    guard parts.allSatisfy({ $0.shards.allSatisfy { $0.samples == 0 } }) else { return }
    let rejections = try parts.flatMap { part in
      try part.shards.flatMap { try part.catalog.rejections(ofShard: $0.number) }
    }
    guard let first = rejections.first, let json = try parts.first?.catalog.configuration(),
      let configuration = try? JSONDecoder().decode(
        SampleConfiguration.self, from: Data(json.utf8)),
      first.reason.mayFollow(from: configuration),
      rejections.allSatisfy({ $0.reason == first.reason })
    else { return }
    throw MaintenanceError.allRejected(first, count: rejections.count)
  }

  private func check(_ part: TaskStore, like first: TaskStore) throws {
    let folder = part.catalog.folder.path
    guard part.task.count == first.task.count, part.task.listing == first.task.listing else {
      throw MaintenanceError.badTaskStore(
        folder: folder,
        reason: "it is a task over other photographs than \(first.catalog.folder.path)")
    }
    let (mine, other) = (try part.catalog.configuration(), try first.catalog.configuration())
    guard mine == other else {
      throw MaintenanceError.badTaskStore(
        folder: folder, reason: "it was made with another configuration than the first part")
    }
  }

  /// Prepares the catalog after checking that it contains only shards of these parts, and returns
  /// the numbers of those shards.
  private func prepare(_ catalog: Catalog, for parts: [TaskStore]) throws -> Set<Int> {
    guard let first = parts.first else { return [] }
    let known = Dictionary(
      uniqueKeysWithValues: parts.flatMap(\.shards).map { ($0.number, $0) })
    let (present, configuration) = (try catalog.shards(), try first.catalog.configuration())
    guard present.allSatisfy({ known[$0.number] == $0 }) else {
      throw MaintenanceError.badTaskStore(
        folder: catalog.folder.path, reason: "it holds shards that are in none of the parts")
    }
    if let configuration { try catalog.adopt(configuration: configuration) }
    for dataset in try first.catalog.datasetRecords() { try catalog.add(dataset) }
    return Set(present.map(\.number))
  }
}
