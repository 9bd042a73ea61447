import Foundation
import SyntheticFaces
import TestSupport
import Testing

/// Tests of commands that use a trained run.
protocol EvaluatedRunTests {
  /// The run and its store.
  var evaluated: EvaluatedRun { get }
}

extension EvaluatedRunTests {
  var scratch: TemporaryFolder { evaluated.scratch }
  var store: String { evaluated.store }
  var run: String { evaluated.run }

  func train(_ arguments: String...) throws -> Tool.Outcome {
    try Tool.train.run(all: arguments)
  }
}

/// A store of drawn faces with two protocols, "p" with two sides and "f" with three folds, and a run on
/// "p".
struct EvaluatedRun {
  let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
    // Names with spaces, commas and quotes.
    try FaceSet(seed: 8).write(to: scratch.file("drawn"), people: 14, pictures: 4)
    for person in 1...14 {
      let name = person == 3 ? "Anna \"A\", the 3rd" : "Person \(person)"
      try FileManager.default.createDirectory(
        atPath: scratch.file("faces"), withIntermediateDirectories: true)
      try FileManager.default.moveItem(
        atPath: scratch.file("drawn/s\(person)"), toPath: scratch.file("faces/\(name)"))
    }
    for arguments in [
      [
        "ingest", scratch.file("faces"), "--out", store, "--size", "24x28", "--color", "gray",
        "--quiet",
      ],
      ["pairs", "--out", store, "--split", "identity", "--train", "0.5", "--exact", "--name", "p"],
      ["pairs", "--out", store, "--split", "identity", "--folds", "3", "--exact", "--name", "f"],
    ] {
      let outcome = try Tool.prep.run(all: arguments)
      #expect(outcome.code == 0, "\(outcome.error)")
    }
    try Self.recipe.write(toFile: scratch.file("r.yaml"), atomically: true, encoding: .utf8)
    let outcome = try train(
      "run", "--shards", store, "--protocol", "p", "--recipe", scratch.file("r.yaml"), "--run", run)
    #expect(outcome.code == 0, "\(outcome.error)")
  }

  private static let recipe = SmallRecipe.text(shape: (24, 28, 1), pairs: 40)

  /// Adds a second dataset to a store, in the layout of ORL: four of the people under other names.
  func ingestStrangers(into store: String) throws {
    try FileManager.default.createDirectory(
      atPath: scratch.file("strangers"), withIntermediateDirectories: true)
    for person in [1, 2, 4, 5] {
      try FileManager.default.copyItem(
        atPath: scratch.file("faces/Person \(person)"),
        toPath: scratch.file("strangers/s\(person)"))
    }
    let outcome = try Tool.prep.run(
      "ingest", scratch.file("strangers"), "--out", store, "--size", "24x28", "--color", "gray")
    #expect(outcome.code == 0, "\(outcome.error)")
  }

  /// The store.
  var store: String { scratch.file("out") }
  /// The run's folder.
  var run: String { scratch.file("run") }

  /// Runs `train`.
  func train(_ arguments: String...) throws -> Tool.Outcome {
    try Tool.train.run(all: arguments)
  }

  /// The file of the run's recipe.
  var recipe: String { scratch.file("r.yaml") }
}
