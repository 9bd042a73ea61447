import ArgumentParser
import Catalog
import CommandSupport
import Datasets
import Foundation
import Imaging
import Ingest

/// A share of an ingest, written as "0/4".
struct TaskArgument: ExpressibleByArgument {
  let task: IngestTask

  init?(argument: String) {
    let halves = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard halves.count == 2, let index = halves[0], let count = halves[1],
      let task = IngestTask(index: index, count: count)
    else { return nil }
    self.task = task
  }
}

/// `prep ingest`.
struct IngestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "Makes a store from directories of photographs, or adds new images to one.",
    discussion: """
      The layout of a folder is recognised from its paths. A file that cannot become a sample is \
      listed with its reason, the run continues, and it ends with exit code 3. Running again adds \
      new images and continues after an interruption.
      """)

  @Argument(help: ArgumentHelp("Directories of photographs.", valueName: "root"))
  var roots: [String] = []

  @OptionGroup var store: StoreOptions

  @OptionGroup var layout: LayoutOptions

  @OptionGroup var sample: SampleOptions

  @Option(
    help: ArgumentHelp(
      "Number of workers; by default one per core and one more.",
      valueName: "n"))
  var jobs: Int?

  @Option(help: ArgumentHelp("Store only this number of images, from the first.", valueName: "n"))
  var limit: Int?

  @Option(
    help: ArgumentHelp(
      "Make only task i, from 0, of N, in its own store for prep merge.",
      valueName: "i/N"))
  var task: TaskArgument?

  @Option(
    help: ArgumentHelp(
      "Take images and settings from the listing of prep submit, in place of roots.",
      valueName: "dir"))
  var listing: String?

  @Flag(
    help: ArgumentHelp(
      "Remove samples whose file or pixels are those of an earlier sample."))
  var dropDuplicates = false

  @Flag(help: "Try rejected files again.")
  var retryRejected = false

  @Flag(help: "Store files again that changed since they were stored.")
  var refresh = false

  @Option(
    help: ArgumentHelp(
      "The directory that the dataset was in before it moved to the given root.", valueName: "dir"))
  var movedFrom: String?

  @Flag(help: "Stop at the first file that cannot become a sample.")
  var strict = false

  @Flag(name: [.customShort("n"), .long], help: "Print what would be done and do nothing.")
  var dryRun = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard jobs ?? 1 >= 1 else { throw ValidationError("--jobs must be 1 or more.") }
    guard limit ?? 1 >= 1 else { throw ValidationError("--limit must be 1 or more.") }
    guard roots.isEmpty == (listing != nil) else {
      throw ValidationError(
        roots.isEmpty
          ? "Missing expected argument '<root> ...'"
          : "--listing has the roots: leave out \(roots.joined(separator: ", ")).")
    }
    if listing != nil {
      guard task != nil else { throw ValidationError("--listing needs --task.") }
      guard sample.isDefault, layout.dataset == nil, layout.pose == .all, limit == nil,
        movedFrom == nil
      else {
        throw ValidationError(
          "The listing has the dataset and the settings of samples: give them to prep submit.")
      }
    }
    if task != nil && dropDuplicates {
      throw ValidationError(
        "A task does not know the duplicates of the others: give --drop-duplicates to prep merge.")
    }
    if task != nil && refresh {
      throw ValidationError(
        "--refresh adds shards, and a task has a fixed number of them: use it after prep merge.")
    }
    if task != nil && retryRejected {
      throw ValidationError(
        "--retry-rejected adds shards, and a task has a fixed number of them: use it after prep merge."
      )
    }
  }

  func run() async throws {
    let start = Date()
    ImagingLibraries.stopIdleThreads()
    let input = try listing.map { try listed(PartsFolder(path: $0)) } ?? scanned()
    if dryRun { return try plan(input.scans, input.configuration) }
    let summary = try await ingest(input)
    let rejected = try report(summary, input.scans, seconds: Date().timeIntervalSince(start))
    if rejected > 0 || summary.changed.count > 0 && !refresh || summary.missing.count > 0 {
      throw ToolRunner.doneWithRejections
    }
  }

  /// What is ingested, and how.
  private struct Input {
    let scans: [SourceScan]
    let configuration: SampleConfiguration
    let landmarks: LandmarkPredictor?
    var digest: String?
  }

  /// Scans the roots; everything is checked before anything is created, so that a wrong path leaves
  /// no files.
  private func scanned() throws -> Input {
    let landmarks = try sample.landmarks.map { try LandmarkPredictor(path: $0) }
    let (scans, configuration, note) = try RootScan(
      roots: roots, layout: layout, sample: sample, landmarks: landmarks
    ).run(into: store.folder, movedFrom: movedFrom)
    for scan in scans { output.describe(scan) }
    if let note { output.note(note) }
    return Input(scans: scans, configuration: configuration, landmarks: landmarks)
  }

  /// Takes the images and the configuration of a listing.
  private func listed(_ folder: PartsFolder) throws -> Input {
    guard let listing = try IngestListing.read(folder) else {
      throw DatasetError.badListing(path: folder.record)
    }
    guard task?.task.count == listing.tasks else {
      throw CommandFailure("The listing is divided among \(listing.tasks) tasks.")
    }
    let manifests = try RootScan.manifests()
    return Input(
      scans: try listing.scans(in: folder) { try RootScan.manifest($0, among: manifests) },
      configuration: listing.configuration,
      landmarks: try listing.landmarks.map { try LandmarkPredictor(path: $0) },
      digest: listing.digest)
  }

  private func ingest(_ input: Input) async throws -> IngestSummary {
    let scans = input.scans
    let names = Set(scans.map(\.manifest.name)).sorted().joined(separator: ", ")
    let bar = ProgressBar("ingest \(names)", unit: "images", isEnabled: !output.quiet)
    defer { bar.finish() }
    var options = IngestOptions()
    // One worker more than there are cores: while one waits for the disk, another computes.
    options.jobs = jobs ?? ProcessInfo.processInfo.activeProcessorCount + 1
    options.isStrict = strict
    options.limit = limit
    options.task = task?.task
    options.listing = input.digest
    options.dropsDuplicates = dropDuplicates
    options.retriesRejected = retryRejected
    options.refreshes = refresh
    options.movedFrom = movedFrom
    let output = output
    let run = IngestRun(
      scans: scans, configuration: input.configuration, landmarks: input.landmarks,
      options: options,
      notice: { output.note($0) }, progress: { bar.update($0, of: $1) })
    let folder = store.folder
    return try await ToolRunner.interruptible { try await run.run(into: folder) }
  }

  private func plan(_ scans: [SourceScan], _ configuration: SampleConfiguration) throws {
    let catalog = store.folder.exists ? try Catalog.open(store.folder) : nil
    let plans = try scans.map { scan in
      let (identities, known) = try scan.census(known: catalog)
      return IngestPlan(
        dataset: scan.manifest.name, images: scan.images, identities: identities, skipped: known,
        ignored: scan.ignored.count, sample: configuration.shape.description)
    }
    for plan in plans { output.line("plan", plan) }
    output.summary(IngestPlanTotal(plans)) { plans.map(\.text).joined(separator: "\n") }
  }
}
