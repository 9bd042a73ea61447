import Catalog
import Datasets
import Foundation
import Imaging
import Shards

/// Detects known files that have changed since they were read.
struct ChangeDetector {
  /// The state of a known file.
  enum Verdict: Equatable {
    /// The file is unchanged.
    case same
    /// The bytes are unchanged, but the modification time differs.
    case touched(modified: Int)
    /// The bytes have changed, or the file can no longer be opened.
    case changed
  }

  private let maxBytes: Int

  /// Creates a detector that hashes files of at most `maxBytes`.
  init(maxBytes: Int) { self.maxBytes = maxBytes }

  /// Compares length and modification time and, if only the time differs, the SHA-256.
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
