import Catalog
import Datasets

/// Which share of an ingest a store holds.
enum TaskClaim {
  /// Makes a new store one of this share, or checks that it is, or that it is whole.
  ///
  /// - Parameters:
  ///   - task: the share that is to be made; `nil` for all images.
  ///   - scans: the images.
  ///   - limit: only so many images, from the first; `nil` for all.
  ///   - catalog: the store's catalog.
  /// - Throws: ``IngestError/otherTask(folder:stored:asked:)``, or what the catalog and the folders say.
  static func claim(
    _ task: IngestTask?, of scans: [SourceScan], limit: Int?, in catalog: Catalog
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
      index: task.index, count: task.count, listing: try ShardPlan.listing(scans, limit: limit),
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
