import ArgumentParser
import Catalog
import CommandSupport
import Report

/// `prep list`.
struct ListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists samples, rejections or duplicates, one per line.")

  @OptionGroup var store: StoreOptions

  @Option(help: ArgumentHelp("Only the samples of this identity.", valueName: "name"))
  var identity: String?

  @Flag(help: "List the files that did not become samples, with the reason.")
  var rejections = false

  @Flag(
    help: ArgumentHelp(
      "List pairs of samples with the same file, the same pixels, or nearly the same pixels."))
  var duplicates = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard [identity != nil, rejections, duplicates].count(where: \.self) <= 1 else {
      throw ValidationError("Give one of --identity, --rejections and --duplicates.")
    }
  }

  private struct Report: Encodable {
    let lines: Int
  }

  func run() async throws {
    let catalog = try Catalog.open(store.folder)
    var count = 0
    if rejections {
      try catalog.forEachRejection { rejection in
        count += 1
        write("rejection", rejection) {
          [rejection.dataset, rejection.path, rejection.reason.rawValue, rejection.detail]
        }
        return true
      }
    } else if duplicates {
      for pair in try catalog.duplicatePairs() {
        count += 1
        write("duplicate", pair) { Self.fields(pair) }
      }
    } else {
      try catalog.forEachSample(identity: identity) { sample in
        count += 1
        write("sample", SampleLine(sample)) {
          [
            sample.dataset, sample.identity, sample.path, StoreFolder.shardName(sample.shard),
            "\(sample.row)",
          ]
        }
      }
    }
    if let identity, count == 0 {
      throw CommandFailure(
        "The store has no identity \(identity). See who there is with: prep list --out \(store.out)"
      )
    }
    if output.json { output.line("summary", Report(lines: count)) }
  }

  /// Writes one line: JSON, or fields separated by tabs.
  private func write(_ type: String, _ body: some Encodable, fields: () -> [String]) {
    if output.json { return output.line(type, body) }
    Console.print(fields().map(\.printable).joined(separator: "\t"))
  }

  private static func fields(_ pair: DuplicatePair) -> [String] {
    [
      pair.kind.rawValue, pair.sameIdentity ? "within" : "ACROSS", pair.earlier.path,
      pair.later.path, "\(pair.distance)",
    ]
  }
}
