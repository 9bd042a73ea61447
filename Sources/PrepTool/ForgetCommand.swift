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
      does not bring them back: the store keeps a digest of each name, not the name. A store \
      that shares its shards with another one, as after prep merge, names those: the other \
      store needs its own prep forget.
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
      "A folder of runs; names those that were trained on these people.", valueName: "dir"))
  var runs: String?

  @OptionGroup var output: OutputOptions

  private struct Summary: Encodable {
    let identities: Int
    let samples: Int
    let rejections: Int
    let shards: Int
    let protocols: [String]
    let runs: [String]?
    let digest: String
  }

  func run() async throws {
    let people = try people(in: Catalog.open(store.folder))
    let runs = try runs.map { try TrainedRuns(in: $0).trained(on: people) }
    let folder = store.folder
    let forgotten = try await ToolRunner.interruptible { try Forgetting.run(people, in: folder) }
    DatasetPage.removeFiles(from: folder.report)
    note(forgotten, runs)
    let summary = Summary(
      identities: people.count, samples: forgotten.samples, rejections: forgotten.rejections,
      shards: forgotten.shards.count, protocols: forgotten.protocols.sorted(), runs: runs,
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
      let found = try catalog.datasets(withIdentity: name).filter { dataset ?? $0 == $0 }
      guard let first = found.first else {
        throw CommandFailure(
          "The store has no identity \(name)\(dataset.map { " in \($0)" } ?? ""). See who there is "
            + "with: prep list --out \(store.out)")
      }
      guard found.count == 1 else {
        throw CommandFailure(
          "\(name) is in several datasets: \(found.joined(separator: ", ")). Name one with "
            + "--dataset.")
      }
      let person = ForgottenPerson(dataset: first, identity: name)
      if !people.contains(person) { people.append(person) }
    }
    return people
  }

  private func note(_ forgotten: ForgottenData, _ runs: [String]?) {
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
    for run in runs ?? [] {
      output.note("note: \(run) was trained on people who are now taken out; train it again")
    }
    output.note(
      "note: the photographs, exports and pages that were written elsewhere are not touched")
  }
}
