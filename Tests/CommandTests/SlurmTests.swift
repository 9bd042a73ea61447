import Catalog
import Foundation
import MessagePassing
import TestSupport
import Testing

/// `prep submit` on a Slurm of one node, which is started for the test alone.
@Suite("prep submit on Slurm", .serialized, .enabled(if: Surroundings.hasSlurm))
struct SlurmTests {
  private let scratch: TemporaryFolder
  private let environment: [String: String]

  init() throws {
    scratch = try TemporaryFolder()
    environment = ["SLURM_CONF": scratch.file("slurm/slurm.conf")]
  }

  private var store: String { scratch.file("out") }

  private func slurm(_ action: String) throws {
    let outcome = try Tool(path: "\(Surroundings.root)/scripts/slurm")
      .run(action, scratch.file("slurm"))
    #expect(outcome.code == 0, "\(outcome.error)")
  }

  @discardableResult
  private func command(_ name: String, _ arguments: String...) throws -> String {
    try Tool(path: "/usr/bin/\(name)").run(all: arguments, environment: environment).output
  }

  /// Waits until `condition` holds, for a minute and a half at most.
  private func wait(_ what: String, until condition: () throws -> Bool) throws {
    for _ in 0..<450 {
      if try condition() { return }
      usleep(200_000)
    }
    Issue.record("\(what) did not happen: \(try command("squeue"))")
  }

  /// The processes that make a part, by process id.
  private func makers() -> [Int32] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap(Int32.init)
      .filter { process in
        let data = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
        let words = data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return words.first?.hasSuffix("/prep") == true && words.contains("\(store).parts")
      }
  }

  private func finished() throws -> Int {
    try Tool.prep.run("status", "--out", store, "--json").json
      .count { $0["state"] as? String == "finished" }
  }

  /// Lets jobs that were queued again start at once; Slurm makes them wait for two minutes.
  private func hurry() throws {
    let jobs = try command("squeue", "--noheader", "--array", "--states=PD", "--format=%i %r")
    for line in jobs.split(separator: "\n") where line.contains("BeginTime") {
      try command("scontrol", "update", "jobid=\(line.split(separator: " ")[0])", "StartTime=now")
    }
  }

  @Test(
    "srun starts the ranks of one training, and ends all of them with the reason",
    .enabled(if: RankGroup.isBuilt && Surroundings.hasMPI))
  func ranks() throws {
    try NoiseStore.make(in: scratch, pictures: 40, each: 4, size: 16)
    let recipe = SmallRecipe.text(shape: (16, 16, 3), pairs: 40)
    try scratch.write(Array(recipe.utf8), to: "r.yaml")
    try slurm("start")
    defer { try? slurm("stop") }
    func train(_ run: String, _ arguments: String...) throws -> Tool.Outcome {
      try Tool(path: "/usr/bin/srun").run(
        all: [
          "--mpi=pmix", "--ntasks=2", Tool.trainOfTests.path, "--shards", store, "--recipe",
          scratch.file("r.yaml"), "--run", scratch.file(run), "--json",
        ] + arguments,
        environment: environment.merging(["TWINSET_MANIFESTS": "\(Surroundings.root)/manifests"]) {
          $1
        })
    }
    let whole = try train("whole")
    #expect(whole.code == 0, "\(whole.error)")
    #expect(whole.summary["ranks"] as? Int == 2)
    #expect(whole.summary["steps"] as? Int == 8)
    let bad = try train("bad", "--set", "batch=5")
    #expect(bad.code == 1)
    #expect(bad.error.contains("5 pairs of a step cannot be divided evenly among 2 ranks"))
  }

  @Test(
    "LFW in 16 tasks, one killed and one node lost, is the store of one ingest",
    .enabled(if: Surroundings.hasRealData))
  func labeledFaces() throws {
    try slurm("start")
    defer { try? slurm("stop") }
    let outcome = try Tool.prep.run(
      all: [
        "submit", Surroundings.lfw, "--out", store, "--size", "32", "--crop", "center",
        "--on", "slurm", "--tasks", "16", "--json", "--", "--partition=main",
      ], environment: environment)
    #expect(outcome.code == 0, "\(outcome.error)")
    let again = try Tool.prep.run(
      all: [
        "submit", Surroundings.lfw, "--out", store, "--size", "32", "--crop", "center",
        "--on", "slurm", "--tasks", "16",
      ], environment: environment)
    #expect(again.code == 1)
    #expect(again.error.contains("still in the queue"), "\(again.error)")

    try wait("a task") { !makers().isEmpty }
    kill(try #require(makers().first), SIGKILL)
    try wait("a second task") { try finished() > 0 && !makers().isEmpty }
    try slurm("node-down")
    try wait("the loss of the node") {
      try command("sinfo", "--noheader", "--format=%t").contains("down")
    }
    let before = try finished()
    #expect(before < 16)
    try slurm("node-up")
    try wait("the end of all jobs") {
      try hurry()
      return try command("squeue", "--noheader").isEmpty
    }
    #expect(try finished() == 16)
    let log = (0..<16).map {
      (try? String(contentsOfFile: "\(store).parts/logs/\($0).log", encoding: .utf8)) ?? ""
    }.joined()
    #expect(log.contains("ended with exit code 137"), "\(log)")

    let whole = scratch.file("whole")
    let one = try Tool.prep.run(
      "ingest", Surroundings.lfw, "--out", whole, "--size", "32", "--crop", "center")
    #expect(one.code == 0, "\(one.error)")
    #expect(
      try Catalog.open(StoreFolder(path: store)).digest()
        == Catalog.open(StoreFolder(path: whole)).digest())
  }

  @Test("what Slurm refuses is one sentence, and no job stays behind")
  func refused() throws {
    try slurm("start")
    defer { try? slurm("stop") }
    try scratch.write(NoisePicture.pgm(1), to: "faces/ann/1.pgm")
    let outcome = try Tool.prep.run(
      all: [
        "submit", scratch.file("faces"), "--out", store, "--size", "8", "--on", "slurm",
        "--tasks", "2", "--", "--partition=nowhere",
      ], environment: environment)
    #expect(outcome.code == 1)
    #expect(
      outcome.error.contains(
        "Error: sbatch refused: Batch job submission failed: Invalid partition name specified"),
      "\(outcome.error)")
    #expect(try command("squeue", "--noheader").isEmpty)
    #expect(!FileManager.default.fileExists(atPath: store))
  }
}
