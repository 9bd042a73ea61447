import ArgumentParser
import Catalog
import CommandSupport
import Maintenance

/// `prep merge`.
struct MergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Joins stores made with --task into one.",
    discussion: """
      No pixel is rewritten: the files of the shards are linked if the stores are on one disk, and \
      copied otherwise. The joined store has the digest of a store made without --task. Running \
      again continues after an interruption.
      """)

  @Argument(help: ArgumentHelp("The stores of all tasks, in any order.", valueName: "store"))
  var parts: [String]

  @OptionGroup var store: StoreOptions

  @Flag(
    help: ArgumentHelp(
      "Remove samples whose file or pixels are those of an earlier sample."))
  var dropDuplicates = false

  @OptionGroup var output: OutputOptions

  private struct Report: Encodable {
    let shards: Int
    let samples: Int
    let identities: Int
    let dropped: Int
    let digest: String
  }

  func run() async throws {
    let bar = ProgressBar("merge", unit: "shards", isEnabled: !output.quiet)
    let output = output
    let merge = StoreMerge(
      parts.map(StoreFolder.init), dropsDuplicates: dropDuplicates, notice: { output.note($0) },
      progress: { bar.update($0, of: $1) })
    let folder = store.folder
    let summary = try await ToolRunner.interruptible { try merge.run(into: folder) }
    bar.finish()
    let catalog = try Catalog.open(store.folder)
    let counts = try catalog.counts()
    let report = Report(
      shards: summary.shards, samples: counts.samples, identities: counts.identities,
      dropped: summary.dropped, digest: try catalog.digest())
    output.summary(report) {
      "took over \(counted(report.shards, "shard", "shards"))"
        + (report.dropped > 0
          ? ", dropped \(counted(report.dropped, "duplicate", "duplicates"))" : "")
        + "\n\(store.out) now holds \(counted(report.samples, "sample", "samples")) of "
        + "\(counted(report.identities, "identity", "identities")), "
        + "digest \(report.digest.prefix(16))"
    }
  }
}
