import ArgumentParser
import Catalog
import CommandSupport
import Foundation
import Maintenance
import Report

/// `prep forget`.
struct ForgetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget",
    abstract: "Takes people out of a store for good.",
    discussion: """
      Overwrites their samples in the shards, deletes their rows, thumbnails and duplicates, and \
      takes their pairs out of every protocol. The ids of other samples do not change. prep ingest \
      does not bring them back: the store keeps a digest of each name, not the name. The page of \
      prep stats and the card of prep card are removed. Where another store shares shards, as \
      after prep merge, the command names them: that store needs its own prep forget. \
      Put -- before names that begin with a dash.
      """)

  @Argument(help: ArgumentHelp("The names of the identities.", valueName: "identity"))
  var identities: [String]

  @OptionGroup var store: StoreOptions

  @Option(
    help: ArgumentHelp(
      "Their dataset, where several have an identity of this name.", valueName: "name"))
  var dataset: String?

  @Option(
    help: ArgumentHelp(
      "A folder of runs; names those that were trained or tested on these people.",
      valueName: "dir"))
  var runs: String?

  @OptionGroup var output: OutputOptions

  private struct Summary: Encodable {
    let identities: Int
    let samples: Int
    let rejections: Int
    let shards: Int
    let protocols: [String]
    /// Pictures of other identities with the same file or pixels, which stay.
    let copies: [String]
    let runs: [String]?
    /// Folders of reports with their scores and embeddings.
    let reports: [String]?
    let digest: String
  }

  func run() async throws {
    let people = try people(in: Catalog.open(store.folder))
    let runs = try runs.map { try TrainedRuns(in: $0).concerned(with: people) }
    let folder = store.folder
    // Before anything else, so that no page of them is left if this ends early.
    DatasetPage.removeFiles(from: folder.report)
    DatasetCard.removeFiles(from: folder.card)
    let forgotten = try await ToolRunner.interruptible { try Forgetting.run(people, in: folder) }
    note(forgotten, runs)
    let summary = Summary(
      identities: people.count, samples: forgotten.samples, rejections: forgotten.rejections,
      shards: forgotten.shards.count, protocols: forgotten.protocols.sorted(),
      copies: forgotten.copies.sorted(), runs: runs?.trained,
      reports: runs?.tested,
      digest: try Catalog.open(folder).digest())
    output.summary(summary) {
      "took out \(counted(summary.identities, "identity", "identities")) with "
        + "\(counted(summary.samples, "sample", "samples")) and overwrote them in "
        + "\(counted(summary.shards, "shard", "shards")); digest \(summary.digest.prefix(16))"
    }
  }

  /// The people named, each in one dataset.
  private func people(in catalog: Catalog) throws -> [ForgottenPerson] {
    var people: [ForgottenPerson] = []
    for name in identities {
      let found = try places(of: name, in: catalog)
      guard name != Catalog.nobody else {
        throw CommandFailure("\(name) stands for people who were taken out already.")
      }
      guard let first = found.first else {
        if try wasForgotten(name, catalog) {
          output.note("\(name) was taken out before")
          continue
        }
        throw CommandFailure(
          "The store has no identity \(name)\(dataset.map { " in \($0)" } ?? ""). See who there is "
            + "with: prep list --out \(store.out)")
      }
      guard found.count == 1 else {
        throw CommandFailure(
          "\(name) is in several datasets: "
            + "\(found.map(\.dataset).joined(separator: ", ")). Name one with --dataset.")
      }
      if !people.contains(first) { people.append(first) }
    }
    return people
  }

  /// Returns the identities of this name: those with the same bytes or else, as a name may be typed in
  /// another form of Unicode than it is stored in, those that are canonically equivalent.
  private func places(of name: String, in catalog: Catalog) throws -> [ForgottenPerson] {
    let exact = try catalog.datasets(withIdentity: name).map {
      ForgottenPerson(dataset: $0, identity: name)
    }
    let found =
      try !exact.isEmpty
      ? exact
      : catalog.datasets().flatMap { dataset in
        try catalog.identityCounts(dataset: dataset).filter { $0.name == name }.map {
          ForgottenPerson(dataset: dataset, identity: $0.name)
        }
      }
    return found.filter { dataset ?? $0.dataset == $0.dataset }
  }

  /// Returns true if the person was taken out before, so that a command can be given again after an
  /// interruption.
  private func wasForgotten(_ name: String, _ catalog: Catalog) throws -> Bool {
    let tombstones = try catalog.tombstones()
    return try (dataset.map { [$0] } ?? catalog.datasets()).contains {
      tombstones.contains(Catalog.tombstone(dataset: $0, identity: name))
    }
  }

  private func note(_ forgotten: ForgottenData, _ runs: TrainedRuns.Concerned?) {
    if !forgotten.protocols.isEmpty {
      output.note(
        "note: these protocols lost pairs; make them again with prep pairs --replace: "
          + forgotten.protocols.sorted().joined(separator: ", "))
    }
    if !forgotten.shared.isEmpty {
      output.note(
        "note: another store holds \(counted(forgotten.shared.count, "shard", "shards")) with the "
          + "same file, where the samples remain: "
          + forgotten.shared.sorted().map(StoreFolder.shardName).joined(separator: ", "))
    }
    if !forgotten.copies.isEmpty {
      output.note(
        "note: pictures of other identities have the same file or pixels and stay: "
          + forgotten.copies.sorted().prefix(5).map(\.printable).joined(separator: ", ")
          + (forgotten.copies.count > 5 ? ", ..." : ""))
    }
    if forgotten.namesInPaths > 0 {
      output.note(
        "note: \(counted(forgotten.namesInPaths, "sample", "samples")) of other identities "
          + "\(forgotten.namesInPaths == 1 ? "has" : "have") the name in the path, which stays")
    }
    for run in runs?.trained ?? [] {
      output.note("note: \(run) was trained on people who are now taken out; delete it")
    }
    for report in runs?.tested ?? [] {
      output.note("note: \(report) holds scores and embeddings of these people; delete it")
    }
    output.note(
      "note: the photographs, and exports and pages outside of \(store.out), are not touched")
  }
}
