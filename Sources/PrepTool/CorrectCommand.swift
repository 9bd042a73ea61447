import ArgumentParser
import CSV
import Catalog
import CommandSupport
import Foundation
import Maintenance

/// `prep correct`.
struct CorrectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "correct",
    abstract: "Applies one's own list of wrong labels and unusable pictures.",
    discussion: """
      FILE is CSV with a heading. Its columns are path, action (relabel, exclude or restore), \
      identity (for relabel), and, where wanted, dataset and reason. The list is kept in the store \
      and shown by prep stats; it also applies to a picture that is stored again. Pairs and figures \
      of protocols that were made before stay as they are: make them again with prep pairs \
      --replace.
      """)

  @Argument(help: ArgumentHelp("The list.", valueName: "file.csv"))
  var file: String

  @OptionGroup var store: StoreOptions

  @OptionGroup var output: OutputOptions

  private struct Summary: Encodable {
    let relabelled: Int
    let excluded: Int
    let restored: Int
    let unchanged: Int
    let protocols: [String]
    let digest: String
  }

  func run() async throws {
    let catalog = try Catalog.open(store.folder)
    let list = try CorrectionList(file, datasets: try catalog.datasets())
    let folder = store.folder
    let result = try await ToolRunner.interruptible {
      try Correcting.apply(list.corrections, to: folder)
    }
    if !result.protocols.isEmpty {
      output.note(
        "note: these protocols have such pictures; make them again with prep pairs --replace: "
          + result.protocols.joined(separator: ", "))
    }
    let summary = Summary(
      relabelled: result.relabelled, excluded: result.excluded, restored: result.restored,
      unchanged: result.unchanged, protocols: result.protocols,
      digest: try Catalog.open(folder).digest())
    output.summary(summary) {
      "relabelled \(summary.relabelled), excluded \(summary.excluded), restored "
        + "\(summary.restored), unchanged \(summary.unchanged); digest \(summary.digest.prefix(16))"
    }
  }
}

/// A list of corrections as a CSV file.
struct CorrectionList {
  let corrections: [Correction]

  private static let columns = ["dataset", "path", "action", "identity", "reason"]

  /// Reads a list.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - datasets: the datasets of the store; the only one may be left out of the list.
  /// - Throws: ``CommandFailure`` with the line.
  init(_ path: String, datasets: [String]) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CommandFailure("\(path) cannot be read.")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw CommandFailure("\(path) is not UTF-8 text.")
    }
    let records: [CSVTable.Record]
    do { records = try CSVTable.records(text) } catch {
      throw CommandFailure("\(path), line \(error.line): \(error.reason).")
    }
    guard let heading = records.first?.fields, Set(heading).isSuperset(of: ["path", "action"]),
      Set(heading).count == heading.count
    else {
      throw CommandFailure(
        "\(path) needs a heading with path and action, and may have identity, dataset and reason.")
    }
    if let unknown = heading.first(where: { !Self.columns.contains($0) }) {
      throw CommandFailure(
        "\(path) has a column \(unknown); known are \(Self.columns.joined(separator: ", ")).")
    }
    var seen: Set<[UTF8Key]> = []
    corrections = try records.dropFirst().map { record in
      guard record.fields.count == heading.count else {
        throw CommandFailure(
          "\(path), line \(record.line): \(record.fields.count) fields where the heading has "
            + "\(heading.count).")
      }
      let fields = Dictionary(uniqueKeysWithValues: zip(heading, record.fields))
      do { return try Self.correction(fields, datasets, &seen) } catch let failure as Fault {
        throw CommandFailure("\(path), line \(record.line): \(failure.words)")
      }
    }
  }

  private struct Fault: Error {
    let words: String
  }

  private static func correction(
    _ fields: [String: String], _ datasets: [String], _ seen: inout Set<[UTF8Key]>
  ) throws -> Correction {
    func field(_ name: String) -> String { fields[name] ?? "" }
    guard let action = Correction.Action(rawValue: field("action")) else {
      throw Fault(words: "\(field("action")) is none of relabel, exclude and restore.")
    }
    guard (action == .relabel) == !field("identity").isEmpty else {
      throw Fault(
        words: action == .relabel
          ? "relabel needs an identity." : "\(action.rawValue) takes no identity.")
    }
    let named = field("dataset")
    guard let dataset = named.isEmpty ? datasets.first : named,
      !named.isEmpty || datasets.count == 1
    else {
      throw Fault(
        words:
          "the store has several datasets (\(datasets.joined(separator: ", "))); name one in a "
          + "column dataset.")
    }
    guard datasets.contains(dataset) else {
      throw Fault(words: "the store has no dataset \(dataset).")
    }
    guard seen.insert([UTF8Key(dataset), UTF8Key(field("path"))]).inserted else {
      throw Fault(words: "\(field("path")) stands twice.")
    }
    return Correction(
      dataset: dataset, path: field("path"), action: action,
      identity: action == .relabel ? field("identity") : nil, reason: field("reason"))
  }
}
