import Foundation
import SyntheticFaces
import TestSupport
import Testing

/// What `train` says of a loss over identities, and of weight decay.
@Suite("The command of a training", .serialized)
struct LossCommandTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
    try write(recipe, to: "identities.yaml")
    let faces = scratch.file("faces")
    try FaceSet(seed: 0).write(to: faces, people: 8, pictures: 4)
    #expect(try Tool.prep.run("ingest", faces, "--out", scratch.file("out"), "--quiet").code == 0)
    #expect(
      try Tool.prep.run(
        "pairs", "--out", scratch.file("out"), "--split", "identity", "--train", "0.5"
      ).code == 0)
  }

  private func write(_ text: String, to name: String) throws {
    try text.write(toFile: scratch.file(name), atomically: true, encoding: .utf8)
  }

  private let recipe = """
    name: identities
    title: Triplets
    source: Own work
    datasets: [orl]
    samples: {width: 46, height: 56, channels: 1}
    sampler: {identities: {identities: 3, samples: 2, batches-per-epoch: 2}}
    tower:
      - max-pool: {window: 4}
      - flatten: {}
      - dense: {units: 8, l2: 0.01}
    loss: {triplet: {mining: batch-hard}}
    optimizer: {sgd: {rate: 0.01, momentum: 0.9}}
    momentum-ramp: {from: 0.5, epochs: 2}
    epochs: 3

    """

  private func train(_ recipe: String, _ run: String, _ options: String...) throws -> Tool.Outcome {
    try Tool.train.run(
      all: ["--shards", scratch.file("out"), "--recipe", recipe, "--run", scratch.file(run)]
        + options)
  }

  @Test("counts samples, and tells weight decay and active triplets from the loss")
  func identities() throws {
    let outcome = try train(scratch.file("identities.yaml"), "run", "--json")
    #expect(outcome.code == 0, "\(outcome.error)")
    let steps = outcome.json.filter { $0["message_type"] as? String == "step" }
    #expect(outcome.json.count { $0["message_type"] as? String == "evaluation" } == 3)
    #expect(steps.count == 6)
    for step in steps {
      #expect(
        Set(step.keys) == [
          "message_type", "step", "epoch", "loss", "weight_decay", "active_fraction",
          "samples_per_second",
        ])
    }
    let summary = outcome.summary
    #expect(summary["pairs_per_second"] == nil && summary["samples_per_second"] is Double)
    func mean(_ key: String, _ steps: some Sequence<[String: Any]>) -> Double {
      steps.compactMap { $0[key] as? Double }.reduce(0, +) / 2
    }
    for (key, name) in [("loss", "loss"), ("weight_decay", "weight_decay")] {
      // Rounded to six digits behind the point.
      let (first, last) = (summary["first_epoch_\(name)"], summary["last_epoch_\(name)"])
      #expect(abs((first as? Double ?? -1) - mean(key, steps.prefix(2))) < 1e-6)
      #expect(abs((last as? Double ?? -1) - mean(key, steps.suffix(2))) < 1e-6)
    }
    let evaluated = try Tool.train.run(
      "evaluate", "--run", scratch.file("run"), "--shards", scratch.file("out"), "--json")
    #expect(evaluated.code == 0 && evaluated.summary["eer"] != nil, "\(evaluated.error)")
  }

  @Test("says the same in words, and refuses a loss on the wrong sampler in one sentence")
  func words() throws {
    let outcome = try train(scratch.file("identities.yaml"), "words", "--quiet")
    #expect(outcome.output.contains(" samples/s)"))
    #expect(outcome.output.contains("weight decay beside it "))
    let pairs = try train(
      "orl-keras", "pairs", "--epochs", "1", "--set", "sampler.balanced.pairs-per-epoch=8", "--json"
    )
    #expect(pairs.summary["pairs_per_second"] is Double)
    #expect(pairs.summary["first_epoch_weight_decay"] == nil)
    #expect(pairs.json.allSatisfy { $0["samples_per_second"] == nil && $0["weight_decay"] == nil })

    try write(
      recipe.replacingOccurrences(
        of: "triplet: {mining: batch-hard}", with: "contrastive: {margin: 1}"),
      to: "wrong.yaml")
    let wrong = try train(scratch.file("wrong.yaml"), "wrong")
    #expect(wrong.code == 1)
    #expect(
      wrong.error.contains("contrastive is over pairs: take sampler: {balanced: "), "\(wrong.error)"
    )
  }
}
