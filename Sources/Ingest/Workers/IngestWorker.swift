import Catalog
import Datasets
import Dispatch
import Foundation
import Imaging
import Shards
import Synchronization

/// Makes parts of shards on its own thread.
///
/// The work waits for the disk, and the threads of Swift's tasks, one for each core, must not
/// block. The type is safe to share: its mutable state is used only on the queue.
final class IngestWorker: @unchecked Sendable {
  private let queue: DispatchQueue
  private let configuration: SampleConfiguration
  private let landmarks: LandmarkPredictor?
  private let axes: AxisCache
  private let budget: PixelBudget
  private let isStrict: Bool
  private let cancellation: Cancellation
  private let advance: @Sendable () -> Void
  private var ownMaker: SampleMaker?

  init(
    _ number: Int, configuration: SampleConfiguration, landmarks: LandmarkPredictor?,
    axes: AxisCache, budget: PixelBudget, isStrict: Bool, cancellation: Cancellation,
    advance: @escaping @Sendable () -> Void
  ) {
    queue = DispatchQueue(label: "ingest \(number)")
    self.configuration = configuration
    self.landmarks = landmarks
    self.axes = axes
    self.budget = budget
    self.isStrict = isStrict
    self.cancellation = cancellation
    self.advance = advance
  }

  /// Makes one part of a shard and waits without blocking the caller's thread.
  ///
  /// - Returns: the shard, if the part was its last one.
  func make(_ part: Int, of shard: OpenShard) async -> Result<ShardOutcome?, any Error> {
    await withCheckedContinuation { continuation in
      queue.async {
        do {
          continuation.resume(returning: .success(try self.work(part, of: shard)))
        } catch { continuation.resume(returning: .failure(error)) }
      }
    }
  }

  private func work(_ index: Int, of shard: OpenShard) throws -> ShardOutcome? {
    let maker = try maker()
    let manifest = shard.assignment.scan.manifest
    let entries = shard.entries(of: index)
    var part = OpenShard.Part()
    for entry in entries {
      guard !cancellation.isRequested else { throw CancellationError() }
      let made = make(entry, with: maker)
      switch made.result {
      case .success(let (facts, pixels)):
        try shard.write(pixels, part: index, row: part.accepted.count)
        let points = FiducialFile.points(beside: entry, manifest)
        if points == .unusable { part.badFiducials += 1 }
        part.accepted.append(
          OpenShard.Accepted(
            entry: entry, stamp: made.stamp ?? FileStamp(bytes: 1, modified: 0), facts: facts,
            fiducials: points.json))
      case .failure(let failure):
        let rejection = Rejection(
          dataset: manifest.name, path: entry.path, reason: failure.reason,
          detail: failure.detail, file: made.stamp, sha256: made.rejectedSHA256,
          thumbnail: failure.thumbnail)
        guard !isStrict else { throw IngestError.rejected(rejection) }
        part.rejections.append(rejection)
      }
      advance()
    }
    return try shard.add(part, at: index)
  }

  private func maker() throws -> SampleMaker {
    if let ownMaker { return ownMaker }
    let maker = try SampleMaker(
      configuration, landmarks: landmarks, axes: axes, budget: budget)
    ownMaker = maker
    return maker
  }

  private func make(_ entry: SourceEntry, with maker: SampleMaker) -> SampleMaker.Made {
    if let code = entry.problem {
      return .unread(.unreadable, "the folder cannot be listed: \(String(cString: strerror(code)))")
    }
    guard !entry.identity.isEmpty else {
      return .unread(.noIdentity, "the layout's pattern gives an empty name for this path")
    }
    return maker.make(entry.location)
  }
}
