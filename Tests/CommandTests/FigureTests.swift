import Foundation
import SyntheticFaces
import TestSupport
import Testing

/// Figures at the command line: `train metrics` and `train evaluate` over protocols of every kind.
@Suite("Figures at the command line", .serialized)
struct FigureTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
  }

  private var store: String { scratch.file("out") }
  private var run: String { scratch.file("run") }

  private func metrics(_ text: String, _ arguments: String...) throws -> Tool.Outcome {
    let path = try scratch.write(Array(text.utf8), to: "scores.csv")
    return try Tool.train.run(all: ["metrics", path] + arguments)
  }

  @Test("of a file of scores are right, with the counts behind them")
  func scores() throws {
    // Genuine 0.9 0.8 0.6 0.3, impostor 0.7 0.4 0.2 0.1: of 16 comparisons of one of each 13 are won.
    let text = """
      score,genuine,note
      0.9,1,a
      0.8,1,"b, c"
      0.6,1,d
      0.3,1,e
      0.7,0,f
      0.4,0,g
      0.2,0,h
      0.1,0,i

      """
    let outcome = try metrics(text, "--threshold", "0.5", "--json")
    #expect(outcome.code == 0, "\(outcome.error)")
    let figures = outcome.summary
    #expect(figures["auc"] as? Double == 13.0 / 16)
    #expect(figures["eer"] as? Double == 0.25)
    #expect(figures["accuracy"] as? Double == 0.75)
    #expect(figures["balanced_accuracy"] as? Double == 0.75)
    #expect(figures["accuracy_of_different"] as? Double == 0.5)
    #expect(figures["far"] as? Double == 0.25 && figures["frr"] as? Double == 0.25)
    // Four impostor comparisons measure no rate of 1 in 100.
    let rates = figures["tar_at_far"] as? [[String: Any]] ?? []
    #expect(rates.count == 2 && rates.allSatisfy { $0["tar"] is NSNull })
    #expect((rates.first?["reason"] as? String)?.contains("1/4") == true)
    let people = try metrics(text, "--threshold", "0.5")
    #expect(people.output.contains(/always answering different +0\.5000/))
    #expect(people.output.contains("4 impostor pairs cannot measure"))
    // From standard input, the same.
    let piped = try Tool(path: "/bin/bash").run(
      "-c", "\(Tool.train.path) metrics - --threshold 0.5 --json < \(scratch.file("scores.csv"))")
    #expect(piped.output == outcome.output)
  }

  @Test("of one hundred impostor scores have a TAR at 1 in 100, with ties not interpolated")
  func ties() throws {
    var text = "score,genuine\n"
    for number in 0..<100 { text += "\(number < 3 ? 5 : 1),0\n" }
    for number in 0..<10 { text += "\(number < 4 ? 9 : 5),1\n" }
    let figures = try metrics(text, "--json").summary
    let rate = (figures["tar_at_far"] as? [[String: Any]])?.first ?? [:]
    // Three impostor scores tie at 5: no threshold accepts exactly one.
    #expect(rate["tar"] as? Double == 0.4 && rate["false_accepts"] as? Int == 0)
    #expect(rate["true_accepts"] as? Int == 4)
  }

  @Test("of distances are named as such, and of a fold with one kind refused")
  func warnings() throws {
    let distances = try metrics("score,genuine\n1,1\n2,1\n3,0\n4,0\n")
    #expect(distances.code == 0 && distances.error.contains("distances"), "\(distances.error)")
    let fold = try metrics("score,genuine,fold\n1,1,1\n0,0,1\n1,1,2\n2,1,2\n")
    #expect(fold.code == 1 && fold.error.contains("fold 2 has 2 genuine and 0 impostor"))
    let twice = try metrics("score,genuine,score\n1,1,1\n")
    #expect(twice.code == 1 && twice.error.contains("score twice"))
  }

  /// A store of drawn faces with a run on the training side of an exact split.
  private func train() throws {
    try FaceSet(seed: 0).write(to: scratch.file("faces"), people: 12, pictures: 4)
    #expect(try Tool.prep.run("ingest", scratch.file("faces"), "--out", store).code == 0)
    try pairs("--split", "identity", "--exact", "--name", "split")
    let trained = try Tool.train.run(
      "--shards", store, "--run", run, "--epochs", "1", "--set", "batch=16", "--set",
      "sampler.balanced.pairs-per-epoch=32", "--protocol", "split", "--quiet")
    #expect(trained.code == 0, "\(trained.error)")
  }

  private func pairs(_ arguments: String...) throws {
    let outcome = try Tool.prep.run(all: ["pairs", "--out", store, "--quiet"] + arguments)
    #expect(outcome.code == 0, "\(outcome.error)")
  }

  private func evaluate(_ name: String, _ arguments: String...) throws -> Tool.Outcome {
    try Tool.train.run(
      all: ["evaluate", "--run", run, "--shards", store, "--protocol", name, "--json"] + arguments)
  }

  @Test("over folds with people who were trained on are refused, or marked when that is asked for")
  func contaminated() throws {
    try train()
    // 8 of the 12 people train; the folds test all 12.
    try pairs("--split", "identity", "--folds", "3", "--exact", "--name", "folds")
    let refused = try evaluate("folds")
    #expect(
      refused.code == 1 && refused.error.contains("trained on 8 of the people"), "\(refused.error)")
    #expect(!FileManager.default.fileExists(atPath: "\(run)/reports/folds"))
    let marked = try evaluate("folds", "--allow-contaminated")
    #expect(marked.code == 0 && marked.error.contains("contaminated"), "\(marked.error)")
    #expect(marked.summary["folds"] as? Int == 3)
    let page = try String(contentsOfFile: "\(run)/reports/folds/index.html", encoding: .utf8)
    #expect(page.contains("Contaminated: the run was trained on 8"))
    // Its own protocol is clean, and each has a report of its own.
    let clean = try evaluate("split")
    #expect(clean.code == 0 && !clean.error.contains("contaminated"), "\(clean.error)")
    #expect(FileManager.default.fileExists(atPath: "\(run)/reports/split/index.html"))
    #expect(FileManager.default.fileExists(atPath: "\(run)/reports/folds/index.html"))
    let scores = scratch.file("written.csv")
    #expect(try evaluate("split", "--scores", scores).code == 0)
    let again = try Tool.train.run(
      "metrics", scores, "--json", "--threshold", "\(clean.summary["threshold"] ?? "")")
    #expect(again.summary["auc"] as? Double == clean.summary["auc"] as? Double)
    #expect(again.summary["accuracy"] as? Double == clean.summary["accuracy"] as? Double)
  }

  @Test("over one-shot trials are the rank-1 accuracy")
  func oneShot() throws {
    try train()
    try pairs("--one-shot", "3", "--trials", "40", "--within", "split", "--name", "trials")
    let outcome = try evaluate("trials")
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(outcome.summary["trials"] as? Int == 40 && outcome.summary["ways"] as? Int == 3)
    let rank1 = try #require(outcome.summary["rank1"] as? Double)
    #expect((0...1).contains(rank1) && outcome.summary["eer"] == nil)
    let scores = scratch.file("trials.csv")
    #expect(try evaluate("trials", "--scores", scores).code == 0)
    // Recounted from the scores: the share of trials whose genuine score is the highest.
    let rows = try String(contentsOfFile: scores, encoding: .utf8).split(separator: "\n")
      .dropFirst()
      .map { $0.split(separator: ",") }
    var won = 0.0
    for trial in 0..<40 {
      let part = rows.dropFirst(trial * 3).prefix(3)
      let best = part.compactMap { Double($0[0]) }.max() ?? 0
      let top = part.filter { Double($0[0]) == best }
      if top.contains(where: { $0[1] == "1" }) { won += 1 / Double(top.count) }
    }
    #expect(abs(rank1 - won / 40) < 1e-6)
  }

  @Test("before the first checkpoint are refused with what to do")
  func early() throws {
    try train()
    try FileManager.default.removeItem(atPath: "\(run)/checkpoint.safetensors")
    let outcome = try evaluate("split")
    #expect(outcome.code == 1 && outcome.error.contains("no checkpoint yet"), "\(outcome.error)")
  }
}
