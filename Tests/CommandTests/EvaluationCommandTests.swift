import Foundation
import GRDB
import SyntheticFaces
import TestSupport
import Testing

/// The commands that say how good a network is, as users give them.
@Suite("The commands of an evaluation", .serialized)
struct EvaluationCommandTests {
  private let scratch: TemporaryFolder

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

  private static let recipe = """
    name: small
    title: A small tower
    source: Own work
    datasets: [folder]
    samples: {width: 24, height: 28, channels: 1}
    sampler: {balanced: {pairs-per-epoch: 40}}
    tower: [{flatten: {}}, {dense: {units: 16}}]
    loss: {contrastive: {margin: 1}}
    optimizer: {adam: {rate: 0.001}}
    batch: 10
    epochs: 2
    """

  private var store: String { scratch.file("out") }
  private var run: String { scratch.file("run") }

  private func train(_ arguments: String...) throws -> Tool.Outcome {
    try Tool.train.run(all: arguments)
  }

  @Test("give a run and its exported embeddings the same figures, to the digit")
  func embeddings() throws {
    let file = scratch.file("e.safetensors")
    let embedded = try train("embed", "--run", run, "--shards", store, "--output", file)
    #expect(embedded.code == 0, "\(embedded.error)")
    for name in ["p", "f"] {
      let own = try train(
        "evaluate", "--run", run, "--shards", store, "--protocol", name, "--json",
        "--allow-contaminated")
      let foreign = try train(
        "evaluate", "--embeddings", file, "--shards", store, "--protocol", name, "--json",
        "--report", scratch.file("report"))
      #expect(own.code == 0 && foreign.code == 0, "\(own.error) \(foreign.error)")
      var (one, other) = (own.summary, foreign.summary)
      #expect(one["contaminated"] as? Bool == (name == "f") && other["contaminated"] is NSNull)
      #expect(one["loss"] is Double && other["loss"] is NSNull)
      for key in ["contaminated", "loss", "weights", "report"] {
        (one[key], other[key]) = (nil, nil)
      }
      #expect(NSDictionary(dictionary: one) == NSDictionary(dictionary: other))
      #expect(one["closed_set"] as? Bool == false)
      #expect((one["fold_figures"] as? [Any])?.count == (name == "f" ? 3 : 0))
      #expect(foreign.error.contains("not known whom"))
    }
    // Scores, figures, embeddings and charts lie beside the page.
    let parts = Set(scratch.contents(of: "run/reports/p"))
    for file in [
      "index.html", "evaluation.json", "scores.csv", "embeddings.safetensors", "roc.svg", "roc.png",
      "det.svg", "far-frr.svg", "scores.svg", "roc-log.svg",
    ] {
      #expect(parts.contains(file), "\(file)")
    }
  }

  @Test("give the scores of a report the same figures, with intervals over people")
  func scores() throws {
    let own = try train(
      "evaluate", "--run", run, "--shards", store, "--protocol", "f", "--json",
      "--allow-contaminated")
    let again = try train("metrics", "\(run)/reports/f/scores.csv", "--json")
    #expect(again.code == 0, "\(again.error)")
    for key in ["accuracy", "eer", "auc", "d_prime", "accuracy_interval", "eer_interval", "f1"] {
      let (one, other) = (own.summary[key] as? NSObject, again.summary[key] as? NSObject)
      #expect(one != nil && one == other && !(one is NSNull), "\(key)")
    }
    // Trap: folds by position. In any order of the lines, the folds are those of the file.
    let lines = try String(contentsOfFile: "\(run)/reports/f/scores.csv", encoding: .utf8)
      .split(separator: "\n")
    let turned = ([lines[0]] + lines.dropFirst().reversed()).joined(separator: "\n")
    try turned.write(toFile: scratch.file("t.csv"), atomically: true, encoding: .utf8)
    let reversed = try train("metrics", scratch.file("t.csv"), "--json")
    #expect(reversed.summary["accuracy"] as? Double == own.summary["accuracy"] as? Double)
    #expect(
      reversed.summary["accuracy_se"] as? Double == own.summary["accuracy_se"] as? Double)
    // Trap: pooled scores of different networks.
    let separate = try train("metrics", scratch.file("t.csv"), "--json", "--separate-networks")
    #expect(separate.summary["eer"] is NSNull && separate.summary["auc"] is NSNull)
    #expect(separate.summary["eer_over_folds"] is Double)
  }

  @Test("tell parts of the pairs at the same thresholds, and refuse what trials do not have")
  func slices() throws {
    let outcome = try train(
      "evaluate", "--run", run, "--shards", store, "--json", "--slice", "pose", "--slice",
      "dataset",
      "--slice", "face-found", "--errata", "report", "--threshold", "-1e-3")
    #expect(outcome.code == 0, "\(outcome.error)")
    let slices = outcome.summary["slices"] as? [[String: Any]] ?? []
    #expect(slices.count == 3)
    for slice in slices {
      // One part each, so that all have the figures of the whole.
      #expect(slice["accuracy"] as? Double == outcome.summary["accuracy"] as? Double)
      #expect(slice["eer"] as? Double == outcome.summary["eer"] as? Double)
    }
    #expect(outcome.summary["threshold"] as? Double == -0.001)
    #expect(outcome.error.contains("no pair of the protocol has a label known to be wrong"))
    let trials = try Tool.prep.run(
      "pairs", "--out", store, "--one-shot", "5", "--trials", "20", "--name", "t")
    #expect(trials.code == 0, "\(trials.error)")
    let refused = try train(
      "evaluate", "--run", run, "--shards", store, "--protocol", "t", "--slice", "pose",
      "--allow-contaminated")
    #expect(refused.code == 64 && refused.error.contains("list of trials"))
  }

  @Test("let probes claim to be everybody")
  func claims() throws {
    let outcome = try train(
      "one-vs-all", "--run", run, "--shards", store, "--json", "--thresholds", "-0.1,-1,-5")
    #expect(outcome.code == 0, "\(outcome.error)")
    let rows = outcome.json.filter { $0["message_type"] as? String == "threshold" }
    #expect(rows.compactMap { $0["threshold"] as? Double } == [-0.1, -1, -5])
    let people = outcome.summary["identities"] as? Int ?? 0
    #expect(outcome.summary["TG"] as? Int == 4 * people)
    #expect(outcome.summary["TI"] as? Int == 4 * people * (people - 1))
    for row in rows {
      let counts = ["ga", "fr", "fa", "gr"].compactMap { row[$0] as? Int }
      #expect(counts[0] + counts[1] == 4 * people)
      #expect(counts[2] + counts[3] == 4 * people * (people - 1))
    }
    let all = try train("all-vs-all", "--run", run, "--shards", store, "--json")
    #expect(all.summary["genuine"] as? Int == 6 * people, "\(all.error)")
    let whole = try train(
      "all-vs-all", "--run", run, "--shards", store, "--json", "--every-sample")
    #expect(whole.code == 1 && whole.error.contains("--allow-contaminated"))
    let trials = try train(
      "one-shot", "--run", run, "--shards", store, "--json", "--ways", "3", "--trials", "40")
    #expect(trials.summary["trials"] as? Int == 40, "\(trials.error)")
    let same = try train(
      "one-shot", "--run", run, "--shards", store, "--json", "--ways", "3", "--trials", "40")
    #expect(same.output == trials.output)
    let many = try train("one-shot", "--run", run, "--shards", store, "--ways", "30")
    #expect(many.code == 1 && many.error.contains("30 in each trial"))
  }

  @Test("recognise photographs by the ingest configuration and the threshold of the run")
  func recognises() throws {
    let (one, other) = (scratch.file("faces/Person 1/1.pgm"), scratch.file("faces/Person 2/1.pgm"))
    let early = try train("predict", one, other, "--run", run)
    #expect(early.code == 1 && early.error.contains("train evaluate"))
    let evaluated = try train("evaluate", "--run", run, "--shards", store, "--json")
    let same = try train("predict", one, one, "--run", run, "--json", "--report", scratch.file("o"))
    #expect(same.code == 0, "\(same.error)")
    #expect(same.summary["same"] as? Bool == true && same.summary["score"] as? Double == 0)
    #expect(
      same.summary["threshold"] as? Double == evaluated.summary["threshold"] as? Double)
    #expect(scratch.contents(of: "o").contains("index.html"))
    // The score of two files is that of their samples in the store.
    let score = try train("predict", one, other, "--run", run, "--json").summary["score"] as? Double
    let all = try train(
      "evaluate", "--run", run, "--shards", store, "--protocol", "f", "--allow-contaminated",
      "--scores", scratch.file("s.csv"))
    #expect(all.code == 0)
    try "x".write(toFile: scratch.file("faces/Person 2/bad.jpg"), atomically: true, encoding: .utf8)
    let bad = try train("predict", one, scratch.file("faces/Person 2/bad.jpg"), "--run", run)
    #expect(bad.code == 1 && bad.error.contains("bad.jpg: not-an-image"))
    #expect(score != nil)
    let gallery = scratch.file("g.safetensors")
    let enrolled = try train(
      "enroll", scratch.file("faces"), "--run", run, "--gallery", gallery, "--json")
    #expect(enrolled.code == 3 && enrolled.summary["rejected"] as? Int == 1)
    #expect(
      enrolled.summary["identities"] as? Int == 14 && enrolled.summary["images"] as? Int == 56)
    let found = try train(
      "identify", one, "--run", run, "--gallery", gallery, "--json", "--far", "0.1")
    #expect(found.code == 0, "\(found.error)")
    #expect(found.json.first?["identity"] as? String == "Person 1")
    // A gallery of other weights is not compared with.
    let otherRun = scratch.file("other-run")
    let second = try train(
      "run", "--shards", store, "--protocol", "p", "--recipe", scratch.file("r.yaml"), "--run",
      otherRun, "--seed", "1")
    #expect(second.code == 0, "\(second.error)")
    let foreign = try train(
      "identify", one, "--run", otherRun, "--gallery", gallery, "--far", "0.1")
    #expect(foreign.code == 1 && foreign.error.contains("other weights"), "\(foreign.error)")
    let strict = try train("identify", one, "--run", run, "--gallery", gallery, "--far", "0.001")
    #expect(strict.code == 1 && strict.error.contains("cannot measure"))
    let stranger = try train(
      "identify", one, "--run", run, "--gallery", gallery, "--json", "--threshold", "0.5")
    #expect(stranger.json.first?["identity"] is NSNull)
  }

  @Test("fit a terminal of 80 columns, and never replace what is no file")
  func terminal() throws {
    for name in ["p", "f"] {
      let outcome = try train(
        "evaluate", "--run", run, "--shards", store, "--protocol", name, "--allow-contaminated",
        "--slice", "dataset", "--report", scratch.file("r"), "--quiet")
      let figures = outcome.output.components(separatedBy: "the report is in")[0]
      for line in figures.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
    #expect(symlink("target.csv", scratch.file("link.csv")) == 0)
    let linked = try train(
      "evaluate", "--run", run, "--shards", store, "--scores", scratch.file("link.csv"), "--quiet")
    #expect(linked.code == 0, "\(linked.error)")
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: scratch.file("link.csv"))
        == "target.csv")
    #expect(scratch.contents(of: "").contains("target.csv"))
    #expect(mkfifo(scratch.file("pipe"), 0o600) == 0)
    let pipe = try train(
      "evaluate", "--run", run, "--shards", store, "--scores", scratch.file("pipe"), "--quiet")
    #expect(pipe.code == 1 && pipe.error.contains("no regular file"))
  }

  @Test("keep the threshold of a run through a contaminated test, and refuse one that is no number")
  func thresholds() throws {
    func chosen() throws -> String {
      try String(contentsOfFile: "\(run)/threshold.json", encoding: .utf8)
    }
    _ = try train("evaluate", "--run", run, "--shards", store)
    let before = try chosen()
    let marked = try train(
      "evaluate", "--run", run, "--shards", store, "--protocol", "f", "--allow-contaminated")
    #expect(marked.output.contains("CONTAMINATED"))
    #expect(try chosen() == before)
    let face = scratch.file("faces/Person 1/1.pgm")
    for value in ["nan", "inf"] {
      let outcome = try train("predict", face, face, "--run", run, "--threshold", value, "--json")
      #expect(outcome.code == 64 && outcome.error.contains("finite"), "\(outcome.error)")
    }
    // Without the images that choose the threshold, the accuracy is said to be too high.
    let table = try train(
      "embed", "--run", run, "--shards", store, "--output", scratch.file("a.safetensors"))
    #expect(table.code == 0)
    let tested = try String(contentsOfFile: "\(run)/reports/p/scores.csv", encoding: .utf8)
    let paths = try Tool.prep.run("list", "--out", store, "--json").json.compactMap {
      ($0["path"] as? String)?.replacing("\"", with: "\"\"")
    }.filter(tested.contains)
    let csv =
      "path,x\n" + paths.enumerated().map { "\"\($1)\",\($0)" }.joined(separator: "\n")
    try csv.write(toFile: scratch.file("t.csv"), atomically: true, encoding: .utf8)
    let own = try train(
      "evaluate", "--embeddings", scratch.file("t.csv"), "--shards", store, "--protocol", "p",
      "--distance", "l1")
    #expect(own.code == 0 && own.error.contains("accuracy is too high"), "\(own.error)")
    // Numbers whose distance is not finite.
    let large =
      "path,x\n"
      + paths.enumerated().map { "\"\($1)\",\($0 % 2 == 0 ? "" : "-")2e38" }
      .joined(separator: "\n")
    try large.write(toFile: scratch.file("l.csv"), atomically: true, encoding: .utf8)
    let infinite = try train(
      "evaluate", "--embeddings", scratch.file("l.csv"), "--shards", store, "--protocol", "p",
      "--distance", "euclidean")
    #expect(infinite.code == 1 && infinite.error.contains("the scores"), "\(infinite.error)")
  }

  // Trap: figures of View 1 are published as those of LFW.
  @Test("mark the figures of LFW's View 1")
  func viewOne() throws {
    let plain = try train("evaluate", "--run", run, "--shards", store)
    #expect(!plain.error.contains("View 1"))
    try DatabaseQueue(path: "\(store)/catalog.sqlite").write {
      try $0.execute(sql: "UPDATE protocol SET kind = 'lfw-view1' WHERE name = 'p'")
    }
    let marked = try train("evaluate", "--run", run, "--shards", store)
    #expect(marked.error.contains("cannot be compared with those of View 2"))
    let page = try String(contentsOfFile: "\(run)/reports/p/index.html", encoding: .utf8)
    #expect(page.contains("View 1 is for the choice of a model"))
  }

  @Test("write the network as ONNX and show runs side by side")
  func exports() throws {
    let file = scratch.file("n.onnx")
    let outcome = try train("export", "--run", run, "--onnx", file, "--json")
    #expect(outcome.summary["input"] as? [Int] == [1, 28, 24], "\(outcome.error)")
    #expect(FileManager.default.fileExists(atPath: file))
    _ = try train("evaluate", "--run", run, "--shards", store)
    let compared = try train("compare", run, run, "--json", "--report", scratch.file("c"))
    #expect(compared.code == 0, "\(compared.error)")
    // The loss of the tested pairs is in the table too.
    #expect(
      compared.json.contains { line in
        (line["tests"] as? [[String: Any]])?.first?["loss"] is Double
      })
    let lines = compared.json.filter { $0["message_type"] as? String == "run" }
    #expect(lines.count == 2 && lines[0]["steps"] is Int)
    let tests = lines[0]["tests"] as? [[String: Any]] ?? []
    #expect(tests.first?["protocol"] as? String == "p" && tests.first?["accuracy"] is Double)
    #expect(scratch.contents(of: "c").contains("training-loss.svg"))
    let none = try train("compare", scratch.file("nothing"))
    #expect(none.code == 1 && none.error.contains("There is no run"))
  }

  @Test("refuse bad scores and embeddings in one sentence that names the place")
  func refuses() throws {
    func says(_ words: String, _ code: Int32, _ arguments: [String]) throws {
      let outcome = try Tool.train.run(all: arguments)
      #expect(outcome.code == code && outcome.error.contains(words), "\(outcome.error)")
      #expect(outcome.error.split(separator: "\n").count <= 3, "\(outcome.error)")
    }
    func file(_ text: String, _ name: String = "x.csv") throws -> String {
      let path = scratch.file(name)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      return path
    }
    try says("line 3: \"nan\"", 1, ["metrics", file("score,genuine\n1,1\nnan,0\n")])
    try says("2 genuine and 0 impostor", 1, ["metrics", file("score,genuine\n1,1\n2,1\n")])
    try says(
      "fold 2 has 1 genuine and 0 impostor", 1,
      ["metrics", file("score,genuine,fold\n1,1,1\n0,0,1\n1,1,2\n")])
    try says("must name the columns", 1, ["metrics", file("a,b\n1,1\n")])
    try says(
      "line 2: the pair is called genuine", 1,
      ["metrics", file("score,genuine,left_identity,right_identity\n1,1,a,b\n0,0,a,b\n")])
    try says(
      "does not follow from the counts", 1,
      ["metrics", file("1\n5 1 5 9\n0.4\n0.1\n0.5\n0.9\n")])
    try says("--run DIR or --embeddings FILE", 64, ["evaluate", "--shards", store])
    try says(
      "has no embedding", 1,
      [
        "evaluate", "--shards", store, "--protocol", "p", "--embeddings",
        file("path,a\nPerson 1/1.pgm,1\n", "e.csv"),
      ])
    try says(
      ".safetensors, .npy and .csv", 1,
      [
        "evaluate", "--shards", store, "--protocol", "p", "--embeddings", file("x", "lfw.bin"),
      ])
    // A run for another sample size.
    let other = scratch.file("other")
    _ = try Tool.prep.run(
      "ingest", scratch.file("faces"), "--out", other, "--size", "20x20", "--color", "gray",
      "--quiet")
    _ = try Tool.prep.run("pairs", "--out", other, "--split", "identity", "--exact", "--name", "p")
    try says(
      "24x28", 1,
      [
        "evaluate", "--run", run, "--shards", other, "--protocol", "p", "--allow-contaminated",
      ])
  }
}
