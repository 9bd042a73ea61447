import ArgumentParser
import Catalog
import CommandSupport
import Datasets
import Foundation
import Imaging
import Ingest

/// `prep submit`.
struct SubmitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Makes a store in many tasks, on Slurm, on Kubernetes or on this machine.",
    discussion: """
      The photographs are listed once, in the folder OUT.parts that all tasks must see. Each task \
      makes a part, and a last one joins the parts into the store, with the digest of a store made \
      by prep ingest. Running again submits only what is not finished; prep status shows how far it \
      is. Options after -- go to sbatch.
      """)

  /// An engine that runs tasks.
  enum Engine: String, ExpressibleByArgument, CaseIterable {
    case slurm
    case kubernetes
    case shell
  }

  @Argument(
    help: ArgumentHelp(
      "Directories of photographs; after --, options for sbatch.", valueName: "root"))
  var words: [String]

  @OptionGroup var store: StoreOptions

  @Option(help: "The engine: Slurm, Kubernetes, or processes on this machine.")
  var on: Engine

  @Option(help: ArgumentHelp("Number of tasks.", valueName: "n"))
  var tasks: Int

  @Flag(name: .customLong("print"), help: "Print the scripts and do nothing.")
  var printsScripts = false

  @OptionGroup var layout: LayoutOptions

  @OptionGroup var sample: SampleOptions

  @Option(
    help: ArgumentHelp(
      "Number of workers of each task; by default one per core of the task and one more, or 1 with "
        + "--on shell.",
      valueName: "n"))
  var jobs: Int?

  @Option(help: ArgumentHelp("Store only this number of images, from the first.", valueName: "n"))
  var limit: Int?

  @Option(
    help: ArgumentHelp("Kubernetes: the image of the containers, with prep.", valueName: "name"))
  var image: String?

  @Option(
    help: ArgumentHelp("Kubernetes: the claim of the volume that all share.", valueName: "name"))
  var volumeClaim: String?

  @Option(
    help: ArgumentHelp("Kubernetes: where the volume is, here and there.", valueName: "dir"))
  var mount: String?

  @OptionGroup var output: OutputOptions

  /// The words after --, which the parser appends to the roots.
  private var engineOptions: [String] {
    let given = CommandLine.arguments
    guard let terminator = given.firstIndex(of: "--") else { return [] }
    return words.suffix(given.count - terminator - 1)
  }

  private var roots: [String] { words.dropLast(engineOptions.count) }

  func validate() throws {
    guard !roots.isEmpty else { throw ValidationError("Missing expected argument '<root> ...'") }
    guard tasks >= 1 else { throw ValidationError("--tasks must be 1 or more.") }
    guard jobs ?? 1 >= 1 else { throw ValidationError("--jobs must be 1 or more.") }
    guard limit ?? 1 >= 1 else { throw ValidationError("--limit must be 1 or more.") }
    let isKubernetes = on == .kubernetes
    guard isKubernetes == (image != nil), isKubernetes == (volumeClaim != nil),
      isKubernetes == (mount != nil)
    else {
      throw ValidationError(
        isKubernetes
          ? "--on kubernetes needs --image, --volume-claim and --mount."
          : "--image, --volume-claim and --mount are for --on kubernetes.")
    }
    if let mount {
      let paths = (roots + [store.out]).map(Self.absolute)
      if let other = paths.first(where: { !$0.hasPrefix(Self.absolute(mount) + "/") }) {
        throw ValidationError(
          "\(other) is not on the volume at \(mount), which is all that the containers see.")
      }
    }
    guard engineOptions.isEmpty || on == .slurm else {
      throw ValidationError("Options after -- are for --on slurm.")
    }
    guard !printsScripts || on != .shell else {
      throw ValidationError("--on shell has no scripts to print.")
    }
  }

  private struct Report: Encodable {
    let parts: String
    let tasks: Int
    let finished: Int
    var ingestJob: String?
    var mergeJob: String?
  }

  func run() async throws {
    let parts = PartsFolder(of: store.folder)
    let array = TaskArray(parts, out: store.folder, count: tasks, jobs: jobs)
    if printsScripts {
      let known = try IngestListing.read(parts)
      return Console.print(
        on == .slurm
          ? slurm(array).text(try known.map { try unfinished($0, parts) } ?? Array(0..<tasks))
          : kubernetes(array).yaml)
    }
    // The engine is asked for first, so that a listing is not made in vain.
    if on == .slurm { _ = try EngineCommand("sbatch") }
    if on == .kubernetes { _ = try EngineCommand("kubectl") }
    let listing = try listing(in: parts)
    let left = try unfinished(listing, parts)
    var report = Report(parts: parts.path, tasks: tasks, finished: tasks - left.count)
    switch on {
    case .slurm: (report.ingestJob, report.mergeJob) = try slurm(array).submit(left)
    case .kubernetes:
      try refuseRunning(listing, parts)
      output.note(try kubernetes(array).apply())
    case .shell: try await runHere(array, left)
    }
    output.summary(report) { text(report, listing) }
  }

  private func text(_ report: Report, _ listing: IngestListing) -> String {
    let images =
      "\(counted(listing.images, "image", "images")) in \(counted(tasks, "task", "tasks"))"
    let finished = report.finished > 0 ? ", \(report.finished) finished before" : ""
    guard let merge = report.mergeJob else {
      return images + finished + (on == .shell ? "\nthe store is in \(store.out)" : "")
    }
    return images + finished
      + (report.ingestJob.map { "\nSlurm job \($0) makes the parts" } ?? "")
      + "\nSlurm job \(merge) joins them into \(store.out)"
      + "\nprep status --out \(store.out) shows how far it is"
  }

  /// Returns the listing of an earlier submit, or makes one.
  private func listing(in parts: PartsFolder) throws -> IngestListing {
    let landmarks = try sample.landmarks.map { try LandmarkPredictor(path: $0) }
    if let known = try IngestListing.read(parts) {
      try check(known, parts, landmarks)
      return known
    }
    guard !store.folder.exists else { throw SubmitError.storeExists(store.out) }
    let (scans, configuration, note) = try RootScan(
      roots: roots, layout: layout, sample: sample, landmarks: landmarks
    ).run(into: store.folder)
    for scan in scans { output.describe(scan) }
    if let note { output.note(note) }
    return try IngestListing(
      scans, datasets: scans.map { manifest(of: $0) }, configuration: configuration,
      landmarks: sample.landmarks.map(Self.absolute), tasks: tasks, limit: limit, request: request,
      in: parts)
  }

  /// Refuses the listing of another request.
  private func check(
    _ known: IngestListing, _ parts: PartsFolder, _ landmarks: LandmarkPredictor?
  ) throws {
    guard known.tasks == tasks else {
      throw SubmitError.otherTasks(folder: parts.path, stored: known.tasks, asked: tasks)
    }
    let manifests = try RootScan.manifests()
    let scans = try known.scans(in: parts) { try RootScan.manifest($0, among: manifests) }
    let asked = try sample.configuration(for: scans, landmarks: landmarks, stored: nil)
    guard known.request == request, known.configuration == asked.0 else {
      throw SubmitError.otherRequest(folder: parts.path)
    }
  }

  private var request: [String] {
    roots.map(Self.absolute) + [
      layout.dataset ?? "", layout.pose.rawValue, limit.map(String.init) ?? "",
    ]
  }

  private func manifest(of scan: SourceScan) -> String {
    guard let dataset = layout.dataset, dataset.hasSuffix(".yaml") || dataset.hasSuffix(".yml")
    else {
      return scan.manifest.name
    }
    return Self.absolute(dataset)
  }

  private static func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }

  private func unfinished(_ listing: IngestListing, _ parts: PartsFolder) throws -> [Int] {
    try (0..<listing.tasks).filter {
      try PartStatus($0, of: listing, in: parts).state != .finished
    }
  }

  /// Refuses to replace Jobs that work: a task or the merge of an earlier submit.
  private func refuseRunning(_ listing: IngestListing, _ parts: PartsFolder) throws {
    let isRunning = try (0..<listing.tasks).contains {
      try PartStatus($0, of: listing, in: parts).state == .running
    }
    guard !isRunning, !StoreLock.isHeld(store.folder) else {
      throw SubmitError.stillRunning(out: store.out)
    }
  }

  private func slurm(_ array: TaskArray) -> SlurmJobs {
    SlurmJobs(array: array, options: engineOptions)
  }

  private func kubernetes(_ array: TaskArray) -> KubernetesJobs {
    KubernetesJobs(
      array: array, image: image ?? "", claim: volumeClaim ?? "", mount: mount ?? "")
  }

  private func runHere(_ array: TaskArray, _ left: [Int]) async throws {
    let bar = ProgressBar("tasks", unit: "tasks", isEnabled: !output.quiet)
    let local = LocalTasks(array)
    let failed = try await ToolRunner.interruptible {
      try await local.run(left) { bar.update($0, of: left.count) }
    }
    bar.finish()
    guard failed.isEmpty else { throw SubmitError.failed(tasks: failed, out: store.out) }
    guard try await local.merge() else {
      let log =
        (try? String(contentsOfFile: "\(array.parts.logs)/merge.log", encoding: .utf8)) ?? ""
      throw SubmitError.refused(
        command: "prep merge",
        reason: log.split(separator: "\n").last.map(String.init) ?? "it wrote no reason")
    }
  }
}
