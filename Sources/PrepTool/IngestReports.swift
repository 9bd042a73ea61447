import Catalog
import Foundation
import Ingest

/// What `prep ingest` did over all roots.
struct IngestTotal {
  private var samples = 0
  private var rejections = 0
  private var skipped = 0
  private var ignored = 0

  mutating func add(_ summary: IngestSummary, scan: SourceScan) {
    samples += summary.samples
    rejections += summary.rejections.count
    skipped += summary.skipped
    ignored += scan.ignored.count
  }

  func report(counts: StoreCounts, seconds: Double) -> IngestReport {
    IngestReport(
      samples: counts.samples, identities: counts.identities, rejections: rejections,
      duplicates: counts.duplicates, skipped: skipped,
      rejectedBefore: counts.rejections - rejections, stored: samples, ignored: ignored,
      seconds: (seconds * 1_000).rounded() / 1_000,
      imagesPerSecond: (Double(samples + rejections) / max(seconds, 1e-9)).rounded())
  }
}

/// The summary of `prep ingest`: `samples`, `identities` and `duplicates` of the whole store, the
/// rest of this run.
struct IngestReport: Encodable {
  let samples: Int
  let identities: Int
  let rejections: Int
  let duplicates: Int
  let skipped: Int
  let rejectedBefore: Int
  let stored: Int
  let ignored: Int
  let seconds: Double
  let imagesPerSecond: Double

  func text(out: String) -> String {
    """
    stored      \(stored) new samples at \(Int(imagesPerSecond)) images/s in \(seconds) s
    skipped     \(skipped) already known\(rejectedBefore > 0 ? ", \(rejectedBefore) of them rejected by an earlier run" : "")
    rejected    \(rejections)
    \(out) now holds \(samples) samples of \(identities) identities\
    \(duplicates > 0 ? ", \(duplicates) of them byte-identical to another" : "")
    """
  }
}

/// What `prep ingest --dry-run` would do with one root.
struct IngestPlan: Encodable {
  let dataset: String
  let images: Int
  let identities: Int
  let skipped: Int
  let ignored: Int
  let sample: String

  var text: String {
    "would store \(images - skipped) samples (\(sample)) of \(identities) identities as \(dataset); "
      + "\(skipped) are stored already, \(ignored) other files are left alone"
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
