import ArgumentParser
import Catalog
import CommandSupport
import RemoteStore

/// `prep push`.
struct PushCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "push",
    abstract: "Copies a store to an object store.",
    discussion: """
      Shards that are there already are not sent again, and the catalog is written last: until then \
      a reader finds the earlier store. The pixels, names and paths of the photographs leave this \
      machine. Credentials come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or from \
      ~/.aws/credentials.
      """)

  @Argument(help: ArgumentHelp("The folder of the store.", valueName: "store"))
  var store: String

  @Argument(help: ArgumentHelp("Where to, as s3://bucket/prefix.", valueName: "address"))
  var address: String

  @Flag(help: "Send every shard, and remove what another store left there.")
  var replace = false

  @OptionGroup var transfer: TransferOptions
  @OptionGroup var server: ServerOptions
  @OptionGroup var output: OutputOptions

  private struct Report: Encodable {
    let address: String
    let shards: Int
    let sent: Int
    let bytes: Int
  }

  func run() async throws {
    let client = try server.client(address, output)
    let bar = ProgressBar("push", unit: "shards", isEnabled: !output.quiet)
    let push = StorePush(
      StoreFolder(path: store), to: client, replaces: replace, connections: transfer.connections)
    let summary = try await ToolRunner.interruptible {
      try push.run { bar.update($0, of: $1) }
    }
    bar.finish()
    let report = Report(
      address: client.address.description, shards: summary.shards, sent: summary.sent,
      bytes: summary.bytes)
    output.summary(report) {
      "sent \(counted(report.sent, "shard", "shards")) of \(report.shards) and the catalog, "
        + "\(ByteCount(report.bytes))\n"
        + "train on it with: train --shards \(report.address)\(server.words)"
    }
  }
}

/// The option for the number of transfers.
struct TransferOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Number of transfers at once.", valueName: "n"))
  var connections = 8

  func validate() throws {
    guard (1...64).contains(connections) else {
      throw ValidationError("--connections must be in 1 to 64.")
    }
  }
}
