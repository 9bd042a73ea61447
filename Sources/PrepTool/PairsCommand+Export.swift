import Catalog
import CommandSupport
import Foundation
import Pairs
import Shards

extension PairsCommand {
  /// Writes the pairs of a protocol of the store.
  func exportPairs(of summary: ProtocolSummary, _ catalog: Catalog) throws {
    guard let export else { return }
    var parts = summary.pairs.keys.sorted()
    if summary.kind == "all" { parts = summary.members.keys.sorted() }
    if let role { parts.removeAll { $0.role != role } }
    guard !parts.isEmpty else {
      throw CommandFailure(
        "\(summary.name) has no pairs to export. Leave --role out, or name another.")
    }
    if export.hasSuffix(".csv") {
      try writeCSV(parts, of: summary, catalog, to: export)
    } else {
      guard Set(parts.map(\.role)).count == 1, summary.kind != "all" else {
        throw PairError.notExportable(
          reason: "it has one list, and \(summary.name) has several sides; name one with --role")
      }
      let folds = try parts.map { try catalog.pairs(of: summary.name, $0) }
      try ReportFile.write(PairFile.text(folds, catalog), to: export)
    }
    if !makesProtocol {
      output.summary(Exported(protocol: summary.name, file: export)) {
        "wrote the pairs of \(summary.name) to \(export)"
      }
    }
  }

  private struct Exported: Encodable {
    let `protocol`: String
    let file: String
  }

  private func writeCSV(
    _ parts: [Part], of summary: ProtocolSummary, _ catalog: Catalog, to path: String
  ) throws {
    let lists: [(part: Part, pairs: any Sequence<Pair>)] = try parts.map { part in
      guard summary.kind == "all" else {
        return (part, try catalog.pairs(of: summary.name, part))
      }
      let members = Set(try catalog.members(of: summary.name, part))
      return (part, AllPairs(try SampleTable(catalog).restricted(to: members)))
    }
    // Millions of lines are written as they come, and appear whole.
    let file = try DurableFile(path: path)
    var offset = 0
    try PairFile.writeCSV(lists, catalog) { text in
      let bytes = Array(text.utf8)
      try bytes.withUnsafeBytes { try file.write($0, at: offset) }
      offset += bytes.count
    }
    try file.commit()
  }
}

extension PairError: ExplainedError {
  /// What the user reads.
  public var explanation: String {
    switch self {
    case .emptyStore:
      "The store holds no samples. Ingest photographs first: prep ingest PHOTOGRAPHS"
    case .tooFewIdentities(let role, let count):
      "The \(role.rawValue) side has \(count) identities, and impostor pairs need two. "
        + "Change --train, --validation or --seed, or ingest more people."
    case .noGenuinePairs(let role):
      "Nobody on the \(role.rawValue) side has two images, so there are no genuine pairs. "
        + "Change the shares or the seed, or ingest more images a person."
    case .tooManyAsked(let role, let genuine, let asked, let existing):
      "The \(role.rawValue) side has \(existing) \(genuine ? "genuine" : "impostor") pairs; "
        + "\(asked) were asked for. Ask for at most that many, or leave --sample out to take all."
    case .unknownIdentity(let name):
      "The store has no identity \(name). See who there is with: prep stats"
    case .noDataset(let name):
      "The store has no images of \(name). Ingest them first: prep ingest PHOTOGRAPHS "
        + "--dataset \(name)"
    case .missingImages(let pairs, let images):
      "\(images.count) images are not in the store, so \(pairs) pairs cannot be compared: "
        + images.prefix(10).joined(separator: ", ") + (images.count > 10 ? ", ..." : "")
        + ". Ingest them, or leave the pairs out with --allow-missing."
    case .list(let error):
      "\(error.path)\(error.line.map { ", line \($0)" } ?? ""): \(error.reason). "
        + "Get the list anew, or correct it."
    case .tooFewForTrials(let identities, let ways):
      "A trial among \(ways) people needs as many, and there are \(identities). "
        + "Give a smaller --one-shot."
    case .notExportable(let reason):
      "LFW's text form cannot hold these pairs: \(reason). Export a file that ends in .csv."
    case .catalog(let error): error.explanation
    }
  }
}
