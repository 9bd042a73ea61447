import Catalog
import CommandSupport
import Foundation
import Ingest

/// The summary of `prep ingest`.
///
/// `samples`, `identities` and the duplicates refer to the whole store, the other values to this
/// run.
struct IngestReport: Encodable {
  let samples: Int
  let identities: Int
  let rejections: Int
  let duplicates: Int
  let nearDuplicates: Int
  let dropped: Int
  let skipped: Int
  let changed: Int
  let missing: Int
  let stretched: Int
  let rejectedBefore: Int
  let stored: Int
  let ignored: Int
  let seconds: Double
  let imagesPerSecond: Double
  let unexpected: [UnexpectedCount]

  init(
    _ summary: IngestSummary, counts: StoreCounts, ignored: Int, seconds: Double,
    unexpected: [UnexpectedCount]
  ) {
    self.unexpected = unexpected
    samples = counts.samples
    identities = counts.identities
    rejections = summary.rejections
    duplicates = counts.duplicates
    nearDuplicates = counts.nearDuplicates
    dropped = summary.dropped
    skipped = summary.skipped
    changed = summary.changed.count
    missing = summary.missing.count
    stretched = summary.stretched
    rejectedBefore = counts.rejections - summary.rejections
    stored = summary.samples
    self.ignored = ignored
    self.seconds = (seconds * 1_000).rounded() / 1_000
    let done = Double(summary.samples + summary.rejections)
    imagesPerSecond = (done / max(seconds, 1e-9)).rounded()
  }

  func text(out: String) -> String {
    var lines = [
      "stored      \(counted(stored, "new sample", "new samples")) at \(Int(imagesPerSecond)) images/s in \(seconds) s",
      "skipped     \(skipped) already known"
        + (rejectedBefore > 0
          ? "; \(rejectedBefore) \(rejectedBefore == 1 ? "was" : "were") rejected by earlier runs"
          : ""),
      "rejected    \(rejections)",
    ]
    if changed > 0 { lines.append("changed     \(changed)") }
    if missing > 0 { lines.append("missing     \(missing)") }
    if dropped > 0 { lines.append("dropped     \(counted(dropped, "duplicate", "duplicates"))") }
    if duplicates + nearDuplicates > 0 {
      lines.append(
        "duplicates  \(duplicates) the same as another, \(nearDuplicates) "
          + "\(nearDuplicates == 1 ? "pair" : "pairs") nearly the same")
    }
    lines.append(
      "\(out) now holds \(counted(samples, "sample", "samples")) of "
        + counted(identities, "identity", "identities"))
    return lines.joined(separator: "\n")
  }
}

/// A dataset whose counts differ from those in its manifest.
struct UnexpectedCount: Encodable {
  let dataset: String
  let samples: Int
  let expectedSamples: Int
  let identities: Int
  let expectedIdentities: Int

  var text: String {
    "note: the complete \(dataset) has \(expectedSamples) samples of \(expectedIdentities) "
      + "identities; the store now has \(samples) of \(identities)"
  }
}

/// The actions that `prep ingest --dry-run` reports for one root.
struct IngestPlan: Encodable {
  let dataset: String
  let images: Int
  let identities: Int
  let skipped: Int
  let ignored: Int
  let sample: String

  var text: String {
    "would store \(counted(images - skipped, "sample", "samples")) (\(sample)) of "
      + "\(counted(identities, "identity", "identities")) as \(dataset); "
      + "\(skipped) are already stored, \(ignored) other files are ignored"
  }
}

/// The summary of `prep ingest --dry-run` over all roots.
struct IngestPlanTotal: Encodable {
  let images: Int
  let skipped: Int
  let ignored: Int

  init(_ plans: [IngestPlan]) {
    images = plans.reduce(0) { $0 + $1.images }
    skipped = plans.reduce(0) { $0 + $1.skipped }
    ignored = plans.reduce(0) { $0 + $1.ignored }
  }
}
