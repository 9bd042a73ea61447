import Catalog
import Datasets

/// Checks and records the share of an ingest that a store holds.
enum TaskClaim {
  /// Records the share in a new store, or checks that an existing store holds the same share.
  ///
  /// Without a task, checks that the store is not a share.
  ///
  /// - Parameters:
  ///   - task: the share to make; `nil` for all images.
  ///   - scans: the images.
  ///   - limit: number of images, from the first; `nil` for all.
  ///   - listing: SHA-256 over all paths, if it is known.
  ///   - catalog: the store's catalog.
  /// - Throws: ``IngestError/otherTask(folder:stored:asked:)``, or an error of the catalog or the
  ///   folders.
  static func claim(
    _ task: IngestTask?, of scans: [SourceScan], limit: Int?, listing: String?,
    in catalog: Catalog
  ) throws {
    let stored = try catalog.task()
    guard let task else {
      guard stored == nil else {
        throw IngestError.otherTask(
          folder: catalog.folder.path, stored: describe(stored), asked: "all images")
      }
      return
    }
    let asked = TaskRecord(
      index: task.index, count: task.count,
      listing: try listing ?? ShardPlan.listing(scans, limit: limit),
      shards: ShardPlan.size(scans, task: nil, limit: limit).shards)
    if try stored == nil && catalog.shardNumbers().isEmpty {
      try catalog.adopt(asked)
    } else if stored != asked {
      throw IngestError.otherTask(
        folder: catalog.folder.path, stored: describe(stored), asked: describe(asked))
    }
  }

  private static func describe(_ task: TaskRecord?) -> String {
    guard let task else { return "all images" }
    return "task \(task.index)/\(task.count) of the listing \(task.listing.prefix(8))"
  }
}
