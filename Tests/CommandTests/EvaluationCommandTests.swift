import CSV
import Foundation
import GRDB
import TestSupport
import Testing

/// The commands that say how good a network is, as users give them.
@Suite("The commands of an evaluation", .serialized)
struct EvaluationCommandTests: EvaluatedRunTests {
  let evaluated: EvaluatedRun

  init() throws { evaluated = try EvaluatedRun() }

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

  @Test("say which rates a threshold reaches nearest to the EER, the smaller first")
  func bounds() throws {
    // At 0.75 FAR is 1 of 3 and FRR 1 of 4: no threshold has a smaller sum of both.
    try """
    score,genuine
    0.9,1
    0.8,1
    0.7,1
    0.2,1
    0.75,0
    0.1,0
    0.05,0

    """.write(toFile: scratch.file("b.csv"), atomically: true, encoding: .utf8)
    let outcome = try train("metrics", scratch.file("b.csv"))
    #expect(
      outcome.output.split(separator: "\n").contains {
        $0.hasPrefix("rates nearest to equal ") && $0.hasSuffix(" 0.2500 and 0.3333")
      }, "\(outcome.output)")
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

  @Test("give the figures of each dataset's pairs, as the file of scores has them")
  func datasets() throws {
    try evaluated.ingestStrangers(into: store)
    let pairs = try Tool.prep.run(
      "pairs", "--out", store, "--split", "identity", "--train", "0.3", "--exact", "--name", "two")
    #expect(pairs.code == 0, "\(pairs.error)")
    let outcome = try train(
      "evaluate", "--run", run, "--shards", store, "--protocol", "two", "--json", "--slice",
      "dataset", "--scores", scratch.file("two.csv"), "--allow-contaminated")
    #expect(outcome.code == 0, "\(outcome.error)")
    let threshold = try #require(outcome.summary["threshold"] as? Double)
    var counts: [String: (genuine: Int, impostor: Int, correct: Int)] = [:]
    for record in try CSVTable.records(
      String(contentsOfFile: scratch.file("two.csv"), encoding: .utf8)
    ).dropFirst() {
      let datasets = Set(record.fields[5...6].map { String($0.prefix { $0 != "/" }) })
      let isGenuine = record.fields[1] == "1"
      var count = counts["dataset: " + datasets.sorted().joined(separator: " - ")] ?? (0, 0, 0)
      if isGenuine { count.genuine += 1 } else { count.impostor += 1 }
      let isAccepted = try #require(Double(record.fields[0])) >= threshold
      if isAccepted == isGenuine { count.correct += 1 }
      counts["dataset: " + datasets.sorted().joined(separator: " - ")] = count
    }
    #expect(counts.count == 3)
    let slices = outcome.summary["slices"] as? [[String: Any]] ?? []
    #expect(slices.count == 3)
    for slice in slices {
      let count = try #require(counts[slice["name"] as? String ?? ""])
      #expect(slice["genuine"] as? Int == count.genuine)
      #expect(slice["impostor"] as? Int == count.impostor)
      let accuracy = try #require(slice["accuracy"] as? Double)
      #expect(abs(accuracy - Double(count.correct) / Double(count.genuine + count.impostor)) < 1e-6)
      #expect((slice["eer"] is NSNull) == (count.genuine == 0))
    }
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
