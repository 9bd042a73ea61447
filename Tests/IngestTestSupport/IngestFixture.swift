import Catalog
import Datasets
import Foundation
import Imaging
import Ingest
import Maintenance
import TestSupport

/// Photographs in a folder of their own, and stores made of them.
package struct IngestFixture {
  package let scratch: TemporaryFolder
  package let manifests: [DatasetManifest]
  package var configuration = SampleConfiguration(
    width: 16, height: 16, color: .gray, resample: .lanczos)

  package init() throws {
    scratch = try TemporaryFolder()
    manifests = try DatasetManifest.all(in: "\(Surroundings.root)/manifests/datasets")
  }

  /// Writes a picture of noise that its number decides.
  package func add(_ number: Int, to path: String, side: Int = 16) throws {
    try scratch.write(NoisePicture.pgm(number, side: side), to: path)
  }

  package func scan(_ root: String = "faces") throws -> SourceScan {
    try SourceScan(root: scratch.file(root), dataset: nil, manifests: manifests)
  }

  package var store: StoreFolder { StoreFolder(path: scratch.file("out")) }

  package func catalog(_ name: String = "out") throws -> Catalog {
    try Catalog.open(StoreFolder(path: scratch.file(name)))
  }

  @discardableResult
  package func ingest(
    _ roots: String..., into name: String = "out",
    _ change: (inout IngestOptions) -> Void = { _ in }
  ) async throws -> IngestSummary {
    var options = IngestOptions()
    options.jobs = 2
    change(&options)
    let scans = try (roots.isEmpty ? ["faces"] : roots).map(scan)
    return try await IngestRun(
      scans: scans, configuration: configuration, options: options, progress: { _, _ in }
    ).run(into: StoreFolder(path: scratch.file(name)))
  }

  package func verified(_ name: String = "out") async throws -> VerificationSummary {
    try await StoreVerification(
      StoreFolder(path: scratch.file(name)), jobs: 2, progress: { _, _ in }
    ).run()
  }

  package func paths(_ name: String = "out") throws -> [String] {
    var paths: [String] = []
    try catalog(name).forEachSample { paths.append($0.path) }
    return paths
  }

  /// The name of the error that `body` throws, without what it carries; `nil` when it throws none.
  package func failure(_ body: () async throws -> Void) async -> String? {
    do {
      try await body()
      return nil
    } catch { return String("\(error)".prefix { $0 != "(" }) }
  }
}
