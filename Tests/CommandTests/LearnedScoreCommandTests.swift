import Foundation
import TestSupport
import Testing

/// A learned score, as users ask for it.
@Suite("A learned score at the command line", .serialized)
struct LearnedScoreCommandTests: EvaluatedRunTests {
  let evaluated: EvaluatedRun

  init() throws { evaluated = try EvaluatedRun() }

  private func learn() throws -> Tool.Outcome {
    try train(
      "run", "--shards", store, "--protocol", "p", "--recipe", evaluated.recipe, "--run", run,
      "--set", "score={joint-bayesian: {shrinkage: 0.5}}", "--resume")
  }

  private var faces: (one: String, other: String) {
    (scratch.file("faces/Person 1/1.pgm"), scratch.file("faces/Person 2/1.pgm"))
  }

  /// Evaluates a run and the file of its embeddings, which must have the same figures.
  private func evaluateTwice(
    _ run: String, _ protocolName: String, _ file: String
  ) throws -> Tool.Outcome {
    let own = try train("evaluate", "--run", run, "--shards", store, "--json")
    #expect(own.code == 0, "\(own.error)")
    #expect(try train("embed", "--run", run, "--shards", store, "--output", file).code == 0)
    let foreign = try train(
      "evaluate", "--embeddings", file, "--shards", store, "--protocol", protocolName, "--json")
    #expect(foreign.code == 0, "\(foreign.error)")
    for key in ["accuracy", "auc", "eer", "threshold"] {
      let value = try #require(own.summary[key] as? Double)
      #expect(value == foreign.summary[key] as? Double, "\(key)")
    }
    return own
  }

  @Test("is added to a finished run, and replaces thresholds, galleries and figures of before")
  func added() throws {
    let (one, other) = faces
    let gallery = scratch.file("g.safetensors")
    #expect(try train("evaluate", "--run", run, "--shards", store).code == 0)
    #expect(try train("predict", one, other, "--run", run).code == 0)
    #expect(
      try train("enroll", scratch.file("faces"), "--run", run, "--gallery", gallery).code == 0)

    let learned = try learn()
    #expect(learned.code == 0, "\(learned.error)")
    #expect(learned.error.contains("learning the joint Bayesian score from 28 images of 7 people"))
    #expect(!learned.error.contains("warning"))
    let early = try train("predict", one, other, "--run", run)
    #expect(early.code == 1 && early.error.contains("train evaluate"), "\(early.error)")
    let foreign = try train("identify", one, "--run", run, "--gallery", gallery, "--far", "0.1")
    #expect(foreign.code == 1 && foreign.error.contains("other weights"), "\(foreign.error)")

    let own = try evaluateTwice(run, "p", scratch.file("e.safetensors"))
    #expect(own.summary["score"] as? String == "the joint Bayesian log likelihood ratio")
    #expect(!own.error.contains("has not learned its score"))
    #expect(
      try train("enroll", scratch.file("faces"), "--run", run, "--gallery", gallery).code == 0)
    let found = try train(
      "identify", one, "--run", run, "--gallery", gallery, "--json", "--far", "0.2")
    #expect(found.code == 0, "\(found.error)")
    #expect(found.json.first?["identity"] as? String == "Person 1")
    for command in [["one-shot", "--ways", "3"], ["one-vs-all"], ["all-vs-all"]] {
      let outcome = try Tool.train.run(
        all: command + ["--run", run, "--shards", store, "--protocol", "p", "--json"])
      #expect(outcome.code == 0, "\(command): \(outcome.error)")
    }
  }

  @Test("is replaced by the distance of the loss, with a warning, before the training has ended")
  func early() throws {
    let half = scratch.file("half")
    let begun = try train(
      "run", "--shards", store, "--protocol", "p", "--recipe", evaluated.recipe, "--run", half,
      "--set", "score={joint-bayesian: {}}", "--steps", "3")
    #expect(begun.code == 0, "\(begun.error)")
    let early = try train("evaluate", "--run", half, "--shards", store, "--json")
    #expect(
      early.code == 0 && early.error.contains("has not learned its score yet"), "\(early.error)")
    #expect(early.summary["score"] as? String == "the negative euclidean distance")
    let (one, other) = faces
    for arguments in [
      ["predict", one, other, "--run", half],
      ["export", "--run", half, "--onnx", scratch.file("h")],
      ["embed", "--run", half, "--shards", store, "--output", scratch.file("h.safetensors")],
    ] {
      let outcome = try Tool.train.run(all: arguments)
      #expect(outcome.code == 0 && outcome.error.contains("has not learned its score yet"))
    }
    // Distances of projected embeddings mean nothing.
    #expect(try learn().code == 0)
    let file = scratch.file("e.safetensors")
    #expect(try train("embed", "--run", run, "--shards", store, "--output", file).code == 0)
    let refused = try train(
      "evaluate", "--embeddings", file, "--shards", store, "--protocol", "p", "--distance", "cosine"
    )
    #expect(refused.code == 1 && refused.error.contains("--distance"), "\(refused.error)")
  }

  /// Trains on a closed set and compares with its people.
  private func learnClosedSet() throws -> String {
    let closed = scratch.file("closed")
    let pairs = try Tool.prep.run(
      "pairs", "--out", store, "--split", "image", "--train", "0.5", "--name", "c")
    #expect(pairs.code == 0, "\(pairs.error)")
    let outcome = try train(
      "run", "--shards", store, "--protocol", "c", "--recipe", evaluated.recipe, "--run", closed,
      "--set", "score={joint-bayesian: {known-people: {}}}")
    #expect(outcome.code == 0, "\(outcome.error)")
    return closed
  }

  /// A store of people with other names, with an open and a closed protocol.
  private func addStrangers() throws {
    let out = scratch.file("other")
    try evaluated.ingestStrangers(into: out)
    for arguments in [
      [
        "pairs", "--out", out, "--split", "identity", "--train", "0.5", "--exact", "--name", "open",
      ],
      ["pairs", "--out", out, "--split", "image", "--train", "0.5", "--name", "closed"],
    ] {
      let outcome = try Tool.prep.run(all: arguments)
      #expect(outcome.code == 0, "\(outcome.error)")
    }
  }

  @Test("of a closed set is used by every command, and is refused or doubted for other people")
  func closedSet() throws {
    let open = try train(
      "run", "--shards", store, "--protocol", "p", "--recipe", evaluated.recipe, "--run",
      scratch.file("open"), "--set", "score={joint-bayesian: {known-people: {}}}")
    #expect(open.code == 1 && open.error.contains("--split image"), "\(open.error)")

    let closed = try learnClosedSet()
    let file = scratch.file("c.safetensors")
    let own = try evaluateTwice(closed, "c", file)
    #expect(!own.error.contains("known-people"), "\(own.error)")
    #expect(
      own.summary["score"] as? String
        == "the log probability that both show the same training person")
    let refused = try train(
      "evaluate", "--embeddings", file, "--shards", store, "--protocol", "c", "--distance", "l1")
    #expect(refused.code == 1 && refused.error.contains("--distance"), "\(refused.error)")
    for command in [["one-shot", "--ways", "3"], ["one-vs-all"], ["all-vs-all"]] {
      let outcome = try Tool.train.run(
        all: command + ["--run", closed, "--shards", store, "--protocol", "c", "--json"])
      #expect(outcome.code == 0 && !outcome.error.contains("known-people"), "\(outcome.error)")
    }
    let compared = try train("compare", closed, run, "--json")
    #expect(compared.code == 0 && compared.output.contains("known-people"), "\(compared.error)")

    // In other pairs of the same people the score means as much.
    let same = try train(
      "evaluate", "--run", closed, "--shards", store, "--protocol", "p", "--allow-contaminated")
    #expect(same.code == 0 && !same.error.contains("means little for others"), "\(same.error)")
    try addStrangers()
    for name in ["open", "closed"] {
      let others = try train(
        "evaluate", "--run", closed, "--shards", scratch.file("other"), "--protocol", name,
        "--allow-contaminated", "--json")
      #expect(others.code == 0 && others.error.contains("means little for others"))
      // A closed set of people who were not trained on is not one for this run.
      #expect(
        others.summary["closed_set"] as? Bool == false && !others.error.contains("closed set"))
    }
    let (one, other) = faces
    let predicted = try train("predict", one, other, "--run", closed)
    #expect(predicted.code == 0 && predicted.error.contains("means little for others"))
  }

  @Test(
    "is in an exported network's metadata, from which NumPy computes the same",
    .enabled(if: Surroundings.hasPython), arguments: [false, true])
  func exported(isClosedSet: Bool) throws {
    #expect(try learn().code == 0)
    let run = try isClosedSet ? learnClosedSet() : run
    let onnx = scratch.file("n.onnx")
    #expect(try train("export", "--run", run, "--onnx", onnx).code == 0)
    #expect(
      try Tool.prep.run("export", scratch.file("png"), "--out", store, "--format", "folder").code
        == 0)
    #expect(try train("evaluate", "--run", run, "--shards", store).code == 0)
    let (one, other) = faces
    let pictures = try FileManager.default.subpathsOfDirectory(atPath: scratch.file("png"))
    func picture(_ person: String) throws -> String {
      scratch.file("png/\(try #require(pictures.first { $0.hasSuffix("\(person)/1.pgm.png") }))")
    }
    let read = try Tool(path: Surroundings.python).run(
      "\(Surroundings.root)/Tests/CommandTests/Scripts/score_onnx.py", onnx,
      try picture("Person 1"), try picture("Person 2"))
    #expect(read.code == 0, "\(read.error)")
    let page = scratch.file("page")
    let own = try train("predict", one, other, "--run", run, "--json", "--report", page)
    let (found, expected) = (
      try #require(own.summary["score"] as? Double), try #require(read.json[0]["score"] as? Double)
    )
    #expect(abs(found - expected) < 1e-3 * max(1, abs(expected)))
    #expect(scratch.contents(of: "page").contains("index.html"))
  }
}
