import Catalog
import CommandSupport
import Foundation
import Pairs
import Shards

/// Pairs prepared for export to a file.
struct PairExport {
  let path: String
  let parts: [(part: Part, pairs: any Sequence<Pair>)]
  /// LFW's text format, created in advance because not all pairs can be written in it; `nil` for
  /// CSV.
  let text: String?
  let catalog: Catalog

  func write() throws {
    if let text { return try ReportFile.write(text, to: path) }
    // Millions of lines are streamed to the file, which appears only when it is complete.
    let file = try DurableFile(path: path)
    var offset = 0
    try PairCSV.write(parts, catalog) { text in
      let bytes = Array(text.utf8)
      try bytes.withUnsafeBytes { try file.write($0, at: offset) }
      offset += bytes.count
    }
    try file.commit()
  }
}

extension PairsCommand {
  /// Prepares the export of a protocol that has just been made.
  func prepareExport(
    of record: ProtocolRecord, _ table: SampleTable, _ catalog: Catalog
  ) throws -> PairExport? {
    var parts: [(part: Part, pairs: any Sequence<Pair>)] = record.pairs.map { ($0.key, $0.value) }
    if record.kind == "all" {
      parts = record.members.map { ($0.key, AllPairs(table.restricted(to: Set($0.value)))) }
    }
    return try export(parts, of: record.name, catalog)
  }

  /// Writes the pairs of a stored protocol.
  func exportStored(_ name: String, _ catalog: Catalog) throws {
    let summary = try catalog.protocolSummary(name)
    let parts: [(part: Part, pairs: any Sequence<Pair>)] = try summary.pairs.keys.map { part in
      guard summary.kind == "all" else { return (part, try catalog.pairs(of: name, part)) }
      let members = Set(try catalog.members(of: name, part))
      return (part, AllPairs(try SampleTable(catalog).restricted(to: members)))
    }
    let prepared = try export(parts, of: name, catalog)
    try prepared?.write()
    output.summary(Exported(protocol: name, file: prepared?.path ?? "")) {
      "wrote the pairs of \(name) to \(prepared?.path ?? "")"
    }
  }

  private struct Exported: Encodable {
    let `protocol`: String
    let file: String
  }

  private func export(
    _ parts: [(part: Part, pairs: any Sequence<Pair>)], of name: String, _ catalog: Catalog
  ) throws -> PairExport? {
    guard let export else { return nil }
    let folder = URL(fileURLWithPath: export).deletingLastPathComponent().path
    guard FileManager.default.isWritableFile(atPath: folder) else {
      throw CommandFailure(
        "\(export) cannot be written: \(folder) is not a directory, or not writable. Name another file."
      )
    }
    let wanted = parts.filter { role == nil || $0.part.role == role }
      .sorted { $0.part < $1.part }
    guard !wanted.isEmpty else {
      throw CommandFailure("\(name) has no pairs to export. Leave --role out, or name another.")
    }
    guard export.hasSuffix(".txt") else {
      return PairExport(path: export, parts: wanted, text: nil, catalog: catalog)
    }
    guard Set(wanted.map(\.part.role)).count == 1 else {
      throw PairError.notExportable(
        reason: "it has one list, and \(name) has several sides; name one with --role")
    }
    let lists = wanted.map { part in part.pairs.map { $0 } }
    let text = try PairText.text(lists, catalog)
    return PairExport(path: export, parts: [], text: text, catalog: catalog)
  }
}
