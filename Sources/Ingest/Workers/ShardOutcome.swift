import Catalog

/// A finished shard, durably in place but without its row in the catalog.
struct ShardOutcome: Sendable {
  let shard: ShardRecord
  let samples: [Sample]
  let rejections: [Rejection]
  /// Number of fiducial files without usable points.
  let badFiducials: Int
  /// Number of samples whose image was stretched.
  let stretched: Int
}
