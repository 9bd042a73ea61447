import Foundation
import TestSupport
import Testing

/// Recognition, thresholds, export and comparison of runs, as users give them.
@Suite("The commands that use a network", .serialized)
struct RecognitionCommandTests: EvaluatedRunTests {
  let evaluated: EvaluatedRun

  init() throws { evaluated = try EvaluatedRun() }

  @Test("recognise photographs by the ingest configuration and the threshold of the run")
  func recognises() throws {
    let (one, other) = (scratch.file("faces/Person 1/1.pgm"), scratch.file("faces/Person 2/1.pgm"))
    let early = try train("predict", one, other, "--run", run)
    #expect(early.code == 1 && early.error.contains("train evaluate"))
    let tuned = try train("evaluate", "--run", run, "--shards", store, "--json")
    let same = try train("predict", one, one, "--run", run, "--json", "--report", scratch.file("o"))
    #expect(same.code == 0, "\(same.error)")
    #expect(same.summary["same"] as? Bool == true && same.summary["score"] as? Double == 0)
    #expect(
      same.summary["threshold"] as? Double == tuned.summary["threshold"] as? Double)
    #expect(scratch.contents(of: "o").contains("index.html"))
    // The score of two files is that of their samples in the store.
    let all = try train(
      "evaluate", "--run", run, "--shards", store, "--protocol", "f", "--allow-contaminated",
      "--scores", scratch.file("s.csv"))
    #expect(all.code == 0)
    let impostor = try String(contentsOfFile: scratch.file("s.csv"), encoding: .utf8)
      .split(separator: "\n").dropFirst().filter { !$0.contains("\"") }
      .map { $0.split(separator: ",") }.first { $0[1] == "0" }
    let row = try #require(impostor)
    let score =
      try train(
        "predict", scratch.file("faces/\(row[3])"), scratch.file("faces/\(row[4])"), "--run", run,
        "--json"
      ).summary["score"] as? Double
    let stored = try #require(Double(row[0]))
    #expect(stored != 0 && abs(stored - (score ?? .infinity)) < 1e-4 * abs(stored))
    try "x".write(toFile: scratch.file("faces/Person 2/bad.jpg"), atomically: true, encoding: .utf8)
    let bad = try train("predict", one, scratch.file("faces/Person 2/bad.jpg"), "--run", run)
    #expect(bad.code == 1 && bad.error.contains("bad.jpg: not-an-image"))
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
      "run", "--shards", store, "--protocol", "p", "--recipe", evaluated.recipe, "--run",
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
}
