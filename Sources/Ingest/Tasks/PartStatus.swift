import Catalog
import Foundation

/// How far a task of an ingest is.
public struct PartStatus: Sendable, Equatable {
  /// What becomes of the task.
  public enum State: String, Codable, Sendable {
    /// It has not begun.
    case waiting
    /// A process writes its store.
    case running
    /// It began, and no process writes its store.
    case stopped
    /// It ended with an error.
    case failed
    /// All its shards are there.
    case finished
  }

  /// The index of the task, from 0.
  public let task: Int
  /// What becomes of it.
  public let state: State
  /// Number of images of the task.
  public let images: Int
  /// Number of images that became samples.
  public let stored: Int
  /// Number of images that were rejected.
  public let rejected: Int
  /// The last error that the task wrote; empty if there is none or it has finished.
  public let reason: String

  /// Reads the state of task `index` of `listing`.
  ///
  /// - Throws: an error of the part's catalog.
  public init(_ index: Int, of listing: IngestListing, in folder: PartsFolder) throws {
    let part = folder.part(index)
    var (stored, rejected, isWhole) = (0, 0, false)
    if part.exists {
      let catalog = try Catalog.open(part)
      let shards = try catalog.shards()
      stored = shards.reduce(0) { $0 + $1.samples }
      rejected = shards.reduce(0) { $0 + $1.rejections }
      let wanted = Set(stride(from: index, to: listing.shards, by: listing.tasks))
      isWhole =
        try Set(shards.map(\.number)) == wanted && catalog.task()?.listing == listing.digest
    }
    let isRunning = !isWhole && StoreLock.isHeld(part)
    let reason = isWhole || isRunning ? "" : Self.lastError(in: folder.log(index))
    task = index
    images = listing.images(ofTask: index)
    self.stored = stored
    self.rejected = rejected
    self.reason = reason
    state =
      isWhole
      ? .finished
      : isRunning ? .running : reason.isEmpty ? part.exists ? .stopped : .waiting : .failed
  }

  /// Returns the last line of an error in the output of a task, without the word in front.
  private static func lastError(in path: String) -> String {
    guard let data = FileManager.default.contents(atPath: path) else { return "" }
    let line = String(decoding: data, as: UTF8.self).split(separator: "\n").last {
      $0.hasPrefix("Error: ")
    }
    return line.map { String($0.dropFirst(7)) } ?? ""
  }
}
