import Catalog
import Dispatch
import Foundation
import Shards
import Synchronization

/// One shard made, durably in its place but without its row yet.
struct ShardOutcome: Sendable {
  let shard: ShardRecord
  let samples: [Sample]
  let rejections: [Rejection]
  /// Fiducial files that say no points.
  let badFiducials: Int
}

/// A request to end that a thread can ask for.
final class Cancellation: Sendable {
  private let flag = Atomic(false)

  var isRequested: Bool { flag.load(ordering: .relaxed) }
  func request() { flag.store(true, ordering: .relaxed) }
}

/// Makes shards on a thread of its own: it waits for the disk, which the threads of Swift's tasks,
/// as many as there are cores, must not.
///
/// Safe to share: what is not constant is only touched on the queue.
final class IngestWorker: @unchecked Sendable {
  private let queue: DispatchQueue
  private let configuration: IngestConfiguration
  private let landmarks: LandmarkPredictor?
  private let isStrict: Bool
  private let folder: StoreFolder
  private let cancellation: Cancellation
  private let advance: @Sendable () -> Void
  private var ownMaker: SampleMaker?

  init(
    _ number: Int, configuration: IngestConfiguration, landmarks: LandmarkPredictor?,
    isStrict: Bool, folder: StoreFolder, cancellation: Cancellation,
    advance: @escaping @Sendable () -> Void
  ) {
    queue = DispatchQueue(label: "ingest \(number)")
    self.configuration = configuration
    self.landmarks = landmarks
    self.isStrict = isStrict
    self.folder = folder
    self.cancellation = cancellation
    self.advance = advance
  }

  /// Makes one shard; waits without holding a thread of the caller's.
  func make(_ assignment: ShardAssignment) async -> Result<ShardOutcome, IngestError> {
    await withCheckedContinuation { continuation in
      queue.async {
        do throws(IngestError) {
          continuation.resume(returning: .success(try self.work(assignment)))
        } catch { continuation.resume(returning: .failure(error)) }
      }
    }
  }

  private func work(_ assignment: ShardAssignment) throws(IngestError) -> ShardOutcome {
    let maker = try maker()
    var writer: ShardWriter
    do throws(ShardError) {
      writer = try ShardWriter(
        path: folder.shard(assignment.number), shape: configuration.shape,
        capacity: assignment.entries.count, metadata: metadata(assignment))
    } catch { throw .shard(error) }
    var samples: [Sample] = []
    var rejections: [Rejection] = []
    var badFiducials = 0
    for entry in assignment.entries {
      guard !cancellation.isRequested else { throw .interrupted }
      switch make(entry, with: maker) {
      case .success(let made):
        let points = FiducialFile.points(beside: entry, assignment.scan.manifest)
        if points == .unusable { badFiducials += 1 }
        samples.append(
          sample(entry, made, points.json, assignment, row: writer.count))
        do throws(ShardError) { try writer.append(made.pixels) } catch { throw .shard(error) }
      case .failure(let failure):
        let rejection = Rejection(
          dataset: assignment.scan.manifest.name, path: entry.path, reason: failure.reason,
          detail: failure.detail)
        guard !isStrict else { throw .rejected(rejection) }
        rejections.append(rejection)
      }
      advance()
    }
    do throws(ShardError) {
      let finished = try writer.finish()
      let record = ShardRecord(
        number: assignment.number, dataset: assignment.scan.manifest.name,
        sha256: finished.sha256, byteCount: finished.byteCount, samples: samples.count,
        rejections: rejections.count)
      return ShardOutcome(
        shard: record, samples: samples, rejections: rejections, badFiducials: badFiducials)
    } catch { throw .shard(error) }
  }

  private func maker() throws(IngestError) -> SampleMaker {
    if let ownMaker { return ownMaker }
    let maker = try SampleMaker(configuration, landmarks: landmarks)
    ownMaker = maker
    return maker
  }

  private func make(
    _ entry: SourceEntry, with maker: SampleMaker
  ) -> Result<SampleMaker.Made, ImageDecoder.Failure> {
    guard let code = entry.problem else { return maker.make(entry.location) }
    let detail = "the folder cannot be listed: \(String(cString: strerror(code)))"
    return .failure(.init(reason: .unreadable, detail: detail))
  }

  private func sample(
    _ entry: SourceEntry, _ made: SampleMaker.Made, _ fiducials: String?,
    _ assignment: ShardAssignment, row: Int
  ) -> Sample {
    Sample(
      dataset: assignment.scan.manifest.name, identity: entry.identity, pose: entry.pose,
      number: entry.number, path: entry.path, sha256: made.sha256, width: made.width,
      height: made.height, shard: assignment.number, row: row, pixelsSHA256: made.pixelsSHA256,
      perceptualHash: made.perceptualHash, fiducials: fiducials, crop: made.crop)
  }

  private func metadata(_ assignment: ShardAssignment) -> [String: String] {
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
