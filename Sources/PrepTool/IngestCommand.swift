import ArgumentParser
import Catalog
import CommandSupport
import Foundation
import Ingest

extension IngestConfiguration.Color: ExpressibleByArgument {}
extension IngestConfiguration.Resampling: ExpressibleByArgument {}

/// `prep ingest`.
struct IngestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "Makes a store of folders of photographs, or adds what is new to one.",
    discussion: """
      The layout of a folder is recognised from its paths. A file that cannot become a sample is \
      listed with its reason and the run goes on; it then ends with exit code 3. Running again \
      adds what is new and carries on after an interruption.
      """)

  @Argument(help: ArgumentHelp("Folders of photographs.", valueName: "root"))
  var roots: [String]

  @OptionGroup var store: StoreOptions

  @Option(help: ArgumentHelp("The layout: a name or a manifest FILE.yaml.", valueName: "name"))
  var dataset: String?

  @Option(help: ArgumentHelp("Pixels of a sample, as 105 or 46x56.", valueName: "size"))
  var size: String?

  @Option(help: "The channels of a sample.")
  var color: IngestConfiguration.Color?

  @Option(help: "How pictures are brought to that size.")
  var resample: IngestConfiguration.Resampling?

  @Option(help: ArgumentHelp("Reject pictures of more pixels.", valueName: "n"))
  var maxPixels = IngestConfiguration.defaultMaxPixels

  @Option(
    help: ArgumentHelp(
      "Workers, each at a shard of its own; one for each core by default.", valueName: "n"))
  var jobs: Int?

  @Flag(help: "Stop at the first file that cannot become a sample.")
  var strict = false

  @Flag(name: [.customShort("n"), .long], help: "Say what would be done and do nothing.")
  var dryRun = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let size, PixelSize(size) == nil {
      throw ValidationError(
        "--size \(size) is no size: give one side, as 105, or width x height, as 46x56.")
    }
    guard jobs ?? 1 >= 1 else { throw ValidationError("--jobs must be 1 or more.") }
    guard maxPixels >= 1 else { throw ValidationError("--max-pixels must be 1 or more.") }
  }

  func run() async throws {
    let start = Date()
    let manifests = try DatasetManifest.all(in: Installation.manifests("datasets"))
    let named = try dataset.map { try Self.manifest($0, among: manifests) }
    // Everything is looked at before anything is made, so that a wrong path leaves nothing behind.
    let scans = try roots.map {
      try SourceScan(root: Self.trimmed($0), dataset: named, manifests: manifests)
    }
    for scan in scans { describe(scan) }
    if dryRun { return try plan(scans) }
    var total = IngestTotal()
    for scan in scans {
      let summary = try await ingest(scan)
      total.add(summary, scan: scan)
      report(summary.rejections)
      checkCounts(of: scan)
    }
    let counts = try Catalog.open(store.folder).counts()
    let result = total.report(counts: counts, seconds: Date().timeIntervalSince(start))
    output.summary(result) { result.text(out: store.out) }
    if result.rejections > 0 { throw ToolRunner.doneWithRejections }
  }

  private static func manifest(
    _ name: String, among manifests: [DatasetManifest]
  ) throws(IngestError) -> DatasetManifest {
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") { return try .read(name) }
    guard let manifest = manifests.first(where: { $0.name == name }) else {
      throw .unknownDataset(name: name, known: manifests.map(\.name))
    }
    return manifest
  }

  private static func trimmed(_ root: String) -> String {
    root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
  }

  private func describe(_ scan: SourceScan) {
    let how = scan.isRecognised ? "recognised as" : "taken as"
    output.note(
      "\(scan.root): \(how) \(scan.manifest.name) (\(scan.manifest.title)), "
        + "\(scan.entries.count) images")
    if !scan.ignored.isEmpty {
      let names = scan.ignored.prefix(3).joined(separator: ", ")
      output.note(
        "\(scan.root): \(scan.ignored.count) other files left alone (\(names)"
          + (scan.ignored.count > 3 ? ", ...)" : ")"))
    }
  }

  private func sampleConfiguration(for scan: SourceScan) -> IngestConfiguration {
    var configuration = scan.manifest.sample
    if let size = size.flatMap(PixelSize.init) {
      configuration.width = size.width
      configuration.height = size.height
    }
    configuration.color = color ?? configuration.color
    configuration.resample = resample ?? configuration.resample
    configuration.maxPixels = maxPixels
    return configuration
  }

  private func ingest(_ scan: SourceScan) async throws -> IngestSummary {
    let bar = ProgressBar("ingest \(scan.manifest.name)", unit: "images", isEnabled: !output.quiet)
    defer { bar.finish() }
    let run = IngestRun(
      scan: scan, configuration: sampleConfiguration(for: scan),
      jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount,
      isStrict: strict
    ) { bar.update($0, of: $1) }
    let folder = store.folder
    return try await ToolRunner.interruptible { try await run.run(into: folder) }
  }

  private func plan(_ scans: [SourceScan]) throws {
    let catalog = store.folder.exists ? try Catalog.open(store.folder) : nil
    var plans: [IngestPlan] = []
    for scan in scans {
      let known = try catalog?.known(scan.entries.lazy.map(\.path), dataset: scan.manifest.name)
      let plan = IngestPlan(
        dataset: scan.manifest.name, images: scan.entries.count,
        identities: Set(scan.entries.map(\.identity)).count, skipped: known?.count ?? 0,
        ignored: scan.ignored.count, sample: sampleConfiguration(for: scan).shape.description)
      plans.append(plan)
      output.line("plan", plan)
    }
    output.summary(IngestPlanTotal(plans)) { plans.map(\.text).joined(separator: "\n") }
  }

  /// How many rejections are written out for people; all are in the store and in the JSON lines.
  private static let notedRejections = 20

  private func report(_ rejections: [Rejection]) {
    for (index, rejection) in rejections.enumerated() {
      output.line("rejection", rejection)
      guard index < Self.notedRejections else { continue }
      let detail = rejection.detail.isEmpty ? "" : " (\(rejection.detail))"
      output.note("rejected \(rejection.path): \(rejection.reason.rawValue)\(detail)")
    }
    if rejections.count > Self.notedRejections {
      output.note(
        "... and \(rejections.count - Self.notedRejections) more; all are in the view "
          + "`rejections` of \(store.folder.catalog)")
    }
  }

  private func checkCounts(of scan: SourceScan) {
    guard let expected = scan.manifest.expected,
      let counts = try? Catalog.open(store.folder).counts(dataset: scan.manifest.name),
      counts.samples != expected.samples || counts.identities != expected.identities
    else { return }
    output.note(
      "note: \(scan.manifest.title) has \(expected.samples) samples of \(expected.identities) "
        + "identities; the store now has \(counts.samples) of \(counts.identities)")
  }
}
