import Catalog
import Datasets
import Foundation
import Imaging
import Shards

/// Tells which files that a store knows are others now than when they were read.
struct ChangeDetector {
  /// What became of a known file.
  enum Verdict: Equatable {
    /// It is what it was.
    case same
    /// It is what it was, under another modification time.
    case touched(modified: Int)
    /// It has other bytes, or cannot be opened any more.
    case changed
  }

  private let maxBytes: Int

  /// A detector that hashes files of at most `maxBytes`.
  init(maxBytes: Int) { self.maxBytes = maxBytes }

  /// Compares length and modification time and, where only the time differs, the SHA-256.
  func verdict(_ entry: SourceEntry, known: KnownFile) -> Verdict {
    guard let stamp = known.stamp, entry.problem == nil else { return .same }
    guard let now = SourceFile.stamp(entry.location) else { return .changed }
    if now == stamp { return .same }
    guard now.bytes == stamp.bytes, let sha256 = known.sha256,
      case .success(let bytes) = SourceFile.read(entry.location, limit: maxBytes).bytes
    else { return .changed }
    return Digest.sha256(bytes) == sha256 ? .touched(modified: now.modified) : .changed
  }
}
