import Catalog
import CommandSupport
import Datasets
import Foundation
import Ingest

extension IngestCommand {
  /// Reports the result of the run, and returns the number of files that the store has rejected so
  /// far.
  func report(
    _ summary: IngestSummary, _ scans: [SourceScan], seconds: Double
  ) throws -> Int {
    let catalog = try Catalog.open(store.folder)
    if summary.rejections > 0 { try report(summary, catalog) }
    noteSources(summary)
    let unexpected = unexpected(scans, catalog)
    for difference in unexpected { output.note(difference.text) }
    try noteDuplicates(catalog)
    let ignored = scans.reduce(0) { $0 + $1.ignored.count }
    let counts = try catalog.counts()
    let result = IngestReport(
      summary, counts: counts, ignored: ignored, seconds: seconds, unexpected: unexpected)
    output.summary(result) { result.text(out: store.out) }
    return counts.rejections
  }

  /// Notes what the user should know about the source files.
  private func noteSources(_ summary: IngestSummary) {
    if summary.badFiducials > 0 {
      output.note(
        "note: \(counted(summary.badFiducials, "fiducial file has", "fiducial files have")) no usable "
          + "points")
    }
    if summary.stretched > 0 {
      output.note(
        "note: \(counted(summary.stretched, "image was", "images were")) stretched to the sample's "
          + "aspect ratio; --fit crop and --fit pad do not stretch")
    }
    if summary.forgotten > 0 {
      output.note(
        "note: \(counted(summary.forgotten, "image", "images")) of people who were taken out with "
          + "prep forget left out")
    }
    note(
      summary.changed,
      refresh
        ? ("file was stored again", "files were stored again")
        : (
          "file changed since it was stored; --refresh stores it again",
          "files changed since they were stored; --refresh stores them again"
        ))
    note(
      summary.missing,
      (
        "stored file no longer exists; its sample stays",
        "stored files no longer exist; their samples stay"
      ))
    if !summary.outdatedProtocols.isEmpty {
      output.note(
        "note: \(summary.outdatedProtocols.joined(separator: ", ")) still refer to the old samples; make "
          + "them again with prep pairs --replace")
    }
  }

  /// Notes alike images under two names, and where the search for duplicates is incomplete.
  private func noteDuplicates(_ catalog: Catalog) throws {
    let across = try catalog.duplicateCounts().values.reduce(0) { $0 + $1.across }
    if across > 0 {
      output.note(
        "note: \(counted(across, "pair", "pairs")) of alike images under two names; see "
          + "prep list --duplicates")
    }
    let search = try catalog.duplicateSearchState()
    if search.uncomparedPairs > 0 {
      output.note(
        "note: \(counted(search.uncomparedPairs, "pair", "pairs")) of images could not be compared "
          + "because a shard cannot be read; see prep verify")
    }
    if search.truncatedSamples > 0 {
      output.note(
        "note: \(counted(search.truncatedSamples, "image has", "images have")) more near duplicates "
          + "than are kept, so that some are not listed")
    }
  }

  private func note(_ examples: CountedExamples, _ words: (one: String, many: String)) {
    guard examples.count > 0 else { return }
    let more = examples.count > examples.names.count ? ", ..." : ""
    output.note(
      "note: \(counted(examples.count, words.one, words.many)) "
        + "(\(examples.names.joined(separator: ", "))\(more))")
  }

  /// The maximum number of rejections printed as text; the store and the JSON lines have all of
  /// them.
  private static let notedRejections = 20

  private func report(_ summary: IngestSummary, _ catalog: Catalog) throws {
    var count = 0
    try catalog.forEachRejection(ofShards: summary.shards) { rejection in
      output.line("rejection", rejection)
      count += 1
      if count <= Self.notedRejections {
        let detail = rejection.detail.isEmpty ? "" : " (\(rejection.detail))"
        output.note("rejected \(rejection.path): \(rejection.reason.rawValue)\(detail)")
      }
      return output.json || count <= Self.notedRejections
    }
    if summary.rejections > Self.notedRejections {
      output.note(
        "... and \(summary.rejections - Self.notedRejections) more; see prep list --rejections")
    }
  }

  /// Returns the datasets of this run whose counts differ from the expected ones, each once.
  private func unexpected(_ scans: [SourceScan], _ catalog: Catalog) -> [UnexpectedCount] {
    guard limit == nil, task == nil else { return [] }
    var seen: Set<String> = []
    return scans.compactMap { scan in
      let name = scan.manifest.name
      guard seen.insert(name).inserted,
        let expected = scan.manifest.expected?.counts(pose: scan.pose),
        let counts = try? catalog.counts(dataset: name),
        counts.samples != expected.samples || counts.identities != expected.identities
      else { return nil }
      return UnexpectedCount(
        dataset: name, samples: counts.samples, expectedSamples: expected.samples,
        identities: counts.identities, expectedIdentities: expected.identities)
    }
  }
}
