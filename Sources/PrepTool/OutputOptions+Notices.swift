import CommandSupport
import Maintenance

extension OutputOptions {
  /// Writes a note about the reason why an ingest or a merge waits, or about its progress.
  func note(_ notice: StoreNotice) {
    switch notice {
    case .waitsForReader:
      note(
        "waiting for a program that reads the catalog; the command continues when it has finished")
    case .searchesDuplicates(let done, let total):
      // One batch takes a second or two.
      if done < total { note("searched \(done) of \(total) new shards for duplicates") }
    }
  }
}
