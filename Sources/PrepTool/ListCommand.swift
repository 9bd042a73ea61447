import ArgumentParser
import Catalog
import CommandSupport
import Foundation
import Report

/// `prep list`.
struct ListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists samples, rejections or duplicates, one per line.",
    discussion: """
      A line has its fields between tabs: of a sample the dataset, the identity, the path, the shard, \
      the row, brightness, contrast and sharpness. --json has all that is known. Brightness is the \
      mean of the sample's luma (0 to 255), contrast its standard deviation, and sharpness the \
      variance of its Laplacian. Several conditions hold together.
      """)

  @OptionGroup var store: StoreOptions

  @Option(help: ArgumentHelp("Only the samples of this identity.", valueName: "name"))
  var identity: String?

  @Option(help: ArgumentHelp("Only the samples of this pose.", valueName: "name"))
  var pose: String?

  @Option(help: ArgumentHelp("Only samples with this brightness.", valueName: "low..high"))
  var brightness: ValueRange?

  @Option(help: ArgumentHelp("Only samples with this contrast.", valueName: "low..high"))
  var contrast: ValueRange?

  @Option(help: ArgumentHelp("Only samples with this sharpness.", valueName: "low..high"))
  var sharpness: ValueRange?

  @Flag(help: "List the files that did not become samples, with the reason.")
  var rejections = false

  @Flag(
    help: ArgumentHelp(
      "List pairs of samples with the same file, the same pixels, or nearly the same pixels."))
  var duplicates = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    let isOfSamples =
      identity != nil || pose != nil || brightness != nil || contrast != nil || sharpness != nil
    guard [isOfSamples, rejections, duplicates].count(where: \.self) <= 1 else {
      throw ValidationError(
        "Give only one of --rejections, --duplicates, and conditions on samples (--identity, --pose, "
          + "--brightness, --contrast, --sharpness).")
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
        guard isWanted(sample) else { return }
        count += 1
        write("sample", SampleLine(sample)) { Self.fields(sample) }
      }
    }
    if let identity, try catalog.datasets(withIdentity: identity).isEmpty {
      throw CommandFailure(
        "The store has no identity \(identity). See who there is with: prep list --out \(store.out)"
      )
    }
    if count == 0 { output.note("nothing fits") }
    if output.json { output.line("summary", Report(lines: count)) }
  }

  private func isWanted(_ sample: Sample) -> Bool {
    func fits(_ range: ValueRange?, _ value: Double?) -> Bool {
      guard let range else { return true }
      return value.map(range.contains) ?? false
    }
    return (pose == nil || sample.pose == pose) && fits(brightness, sample.facts?.brightness)
      && fits(contrast, sample.facts?.contrast) && fits(sharpness, sample.facts?.sharpness)
  }

  private static func fields(_ sample: Sample) -> [String] {
    let quality = sample.facts.map { [$0.brightness, $0.contrast, $0.sharpness] }
    return [
      sample.dataset, sample.identity, sample.path, StoreFolder.shardName(sample.shard),
      "\(sample.row)",
    ] + (quality?.map { String(format: "%.1f", $0) } ?? ["-", "-", "-"])
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
