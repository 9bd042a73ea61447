import Catalog
import Datasets
import Imaging
import Shards
import Synchronization

/// A shard that several workers make together, one part each.
///
/// No worker has to wait for another at the end of a run.
final class OpenShard: Sendable {
  /// The result of one part.
  struct Part: Sendable {
    var accepted: [Accepted] = []
    var rejections: [Rejection] = []
    /// Number of fiducial files without usable points.
    var badFiducials = 0
  }

  /// A file that became a sample.
  struct Accepted: Sendable {
    let entry: SourceEntry
    let stamp: FileStamp
    let facts: SampleMaker.Facts
    /// The landmarks supplied with it, as JSON.
    let fiducials: String?
  }

  /// The maximum number of files in one part.
  static let partSize = 64

  let assignment: ShardAssignment
  private let writer: ShardWriter
  private let parts: Mutex<[Part?]>

  /// Creates the shard's file in `folder`.
  init(
    _ assignment: ShardAssignment, configuration: SampleConfiguration, in folder: StoreFolder
  ) throws(ShardError) {
    self.assignment = assignment
    writer = try ShardWriter(
      path: folder.shard(assignment.number), shape: configuration.shape,
      capacity: assignment.entries.count, metadata: Self.metadata(assignment, configuration))
    let count = (assignment.entries.count + Self.partSize - 1) / Self.partSize
    parts = Mutex(Array(repeating: nil, count: count))
  }

  /// Number of parts.
  var partCount: Int { parts.withLock { $0.count } }

  /// The source files of a part.
  func entries(of part: Int) -> ArraySlice<SourceEntry> {
    assignment.entries.dropFirst(part * Self.partSize).prefix(Self.partSize)
  }

  /// Writes sample number `row` of a part.
  func write(_ sample: [UInt8], part: Int, row: Int) throws(ShardError) {
    try writer.write(sample, at: part * Self.partSize + row)
  }

  /// Adds a finished part; the last one completes the shard and stores it durably in its final
  /// place.
  func add(_ part: Part, at index: Int) throws(ShardError) -> ShardOutcome? {
    let all: [Part]? = parts.withLock { parts in
      parts[index] = part
      let made = parts.compactMap(\.self)
      return made.count == parts.count ? made : nil
    }
    return try all.map(finish)
  }

  private func finish(_ parts: [Part]) throws(ShardError) -> ShardOutcome {
    let finished = try writer.finish(
      keeping: parts.enumerated().map { index, part in
        index * Self.partSize..<index * Self.partSize + part.accepted.count
      })
    let rejections = parts.flatMap(\.rejections)
    let record = ShardRecord(
      number: assignment.number, dataset: assignment.scan.manifest.name, sha256: finished.sha256,
      byteCount: finished.byteCount, samples: finished.count, rejections: rejections.count)
    return ShardOutcome(
      shard: record,
      samples: parts.flatMap(\.accepted).enumerated().map { sample($0.element, row: $0.offset) },
      rejections: rejections, badFiducials: parts.reduce(0) { $0 + $1.badFiducials },
      stretched: parts.reduce(0) { $0 + $1.accepted.count { $0.facts.isStretched } })
  }

  private func sample(_ accepted: Accepted, row: Int) -> Sample {
    let (entry, facts) = (accepted.entry, accepted.facts)
    return Sample(
      dataset: assignment.scan.manifest.name, identity: entry.identity, pose: entry.pose,
      number: entry.number, path: entry.path, sha256: facts.sha256,
      file: accepted.stamp, width: facts.width, height: facts.height, shard: assignment.number,
      row: row, pixelsSHA256: facts.pixelsSHA256,
      perceptualHash: facts.perceptualHash, fiducials: accepted.fiducials, crop: facts.crop,
      facts: facts.image)
  }

  private static func metadata(
    _ assignment: ShardAssignment, _ configuration: SampleConfiguration
  ) -> [String: String] {
    let shape = configuration.shape
    var metadata = ImageDecoder.versions
    metadata["format"] = String(Catalog.format)
    metadata["dataset"] = assignment.scan.manifest.name
    metadata["sample_shape"] = "\(shape.height),\(shape.width),\(shape.channels)"
    metadata["ingest"] = configuration.json
    metadata["shard"] = String(assignment.number)
    return metadata
  }
}
