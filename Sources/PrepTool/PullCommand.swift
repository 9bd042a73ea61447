import ArgumentParser
import Catalog
import CommandSupport
import RemoteStore

/// `prep pull`.
struct PullCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull",
    abstract: "Copies a store from a server into a folder.",
    discussion: """
      Every shard is checked against its hash when it arrives. Running again continues after an \
      interruption, and fetches what was added to the store since. A store is also read from a web \
      server that has the files of its folder, with catalog.sqlite.sha256 as sha256sum writes it.
      """)

  @Argument(
    help: ArgumentHelp(
      "Where from, as s3://bucket/prefix or https://server/folder.", valueName: "address"))
  var address: String

  @Argument(help: ArgumentHelp("The folder of the store.", valueName: "store"))
  var store: String

  @Flag(help: "Write over another store in the folder.")
  var replace = false

  @OptionGroup var transfer: TransferOptions
  @OptionGroup var server: ServerOptions
  @OptionGroup var output: OutputOptions

  private struct Report: Encodable {
    let store: String
    let shards: Int
    let fetched: Int
    let bytes: Int
    let digest: String
  }

  func run() async throws {
    let client = try server.client(address, output)
    let bar = ProgressBar("pull", unit: "shards", isEnabled: !output.quiet)
    let folder = StoreFolder(path: store)
    let pull = StorePull(
      from: client, into: folder, replaces: replace, connections: transfer.connections)
    let summary = try await ToolRunner.interruptible {
      try pull.run { bar.update($0, of: $1) }
    }
    bar.finish()
    let report = Report(
      store: store, shards: summary.shards, fetched: summary.fetched, bytes: summary.bytes,
      digest: try Catalog.open(folder).digest())
    output.summary(report) {
      "fetched \(counted(report.fetched, "shard", "shards")) of \(report.shards), "
        + "\(ByteCount(report.bytes))\n\(store) has the digest \(report.digest.prefix(16))"
    }
  }
}
