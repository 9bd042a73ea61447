import Catalog

/// One shard made, durably in its place but without its row yet.
struct ShardOutcome: Sendable {
  let shard: ShardRecord
  let samples: [Sample]
  let rejections: [Rejection]
  /// Number of fiducial files without usable points.
  let badFiducials: Int
  /// Number of samples whose picture was stretched.
  let stretched: Int
}
