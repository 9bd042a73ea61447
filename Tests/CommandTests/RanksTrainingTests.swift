import Foundation
import Shards
import TestSupport
import Testing

extension RanksTests {
  /// A whole training, and what goes wrong in one.
  @Suite("train on several ranks")
  final class Training: RanksFixture {
    private static let adam = "{adam: {rate: 0.001}}"

    private func digest(_ run: String) -> String {
      Digest.sha256(file: scratch.file("\(run)/checkpoint.safetensors"))
    }

    /// The losses of a run's steps.
    private func losses(_ run: String) throws -> [Double] {
      try metrics(run).split(separator: "\n").compactMap { line in
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return object?["evaluated_step"] == nil ? object?["loss"] as? Double : nil
      }
    }

    /// A figure of a run's evaluations.
    private func figures(_ run: String, _ name: String) throws -> [Double] {
      try metrics(run).split(separator: "\n").compactMap { line in
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return object?["evaluated_step"] == nil ? nil : object?[name] as? Double
      }
    }

    @Test("has the losses of one rank, evaluates as it does, and writes each file once")
    func losses() throws {
      try recipe(.plain, .contrastive, optimizer: Self.adam)
      let outcome = try train(3, "three", "--set", "batch=24")
      #expect(outcome.code == 0, "\(outcome.error)")
      #expect(try train(1, "one", "--set", "batch=24").code == 0)
      let (one, three) = (try losses("one"), try losses("three"))
      #expect(one.count == 34 && three.count == 34)
      for (one, three) in zip(one, three) { #expect(abs(one - three) <= 1e-4 * one) }
      let (auc, others) = (try figures("one", "auc"), try figures("three", "auc"))
      #expect(auc.count == 2 && others.count == 2)
      for (one, three) in zip(auc, others) { #expect(abs(one - three) <= 1e-2) }
      let lines = outcome.json.map { $0["message_type"] as? String }
      #expect(lines.filter { $0 == "step" }.count == 34)
      #expect(lines.filter { $0 == "evaluation" }.count == 2)
      #expect(lines.filter { $0 == "summary" }.count == 1)
      #expect(try metrics("three").contains("evaluated_step"))
      // The log for TensorBoard has the time and the process in its name.
      let names = try ["one", "three"].map { run in
        try FileManager.default.contentsOfDirectory(atPath: scratch.file(run))
          .map { $0.hasPrefix("events") ? "events" : $0 }.sorted()
      }
      #expect(names[0] == names[1])
    }

    @Test("sends what a ring allreduce of the gradients needs, and tells what it costs")
    func costs() throws {
      try recipe(.plain, .classes)
      for ranks in [2, 4] {
        let summary = try train(ranks, "\(ranks)").summary
        let sent = try #require(summary["bytes_sent_per_step"] as? Double)
        let count = try tensors("\(ranks)", "weights.").filter { !$0.key.contains("classes") }
          .reduce(0) { $0 + $1.value.count }
        let needed = 4 * 2 * Double(ranks - 1) / Double(ranks) * Double(count)
        #expect(abs(sent - needed) <= 0.05 * needed, "\(sent) of \(needed)")
        #expect(abs((summary["ring_bytes_per_step"] as? Double ?? 0) - needed) <= 1)
        #expect(summary["communication_seconds"] as? Double ?? 0 > 0)
        #expect(summary["communication_waited_seconds"] as? Double ?? 0 > 0)
        #expect(summary["ranks"] as? Int == ranks)
      }
    }

    @Test(
      "continues in the bits of an uninterrupted run, with the running means of all ranks",
      arguments: [TowerKind.plain, .normalized])
    func resuming(tower: TowerKind) throws {
      // Every convolution by the method that rank 0 measured to be the fastest.
      try recipe(tower, .classes, optimizer: Self.adam, more: "weight-averaging: {decay: 0.9}")
      let synchronized = tower == .normalized ? ["--sync-batch-norm"] : []
      let options = synchronized + ["--convolution", "auto"]
      let whole = try train(2, "whole", options)
      #expect(whole.code == 0, "\(whole.error)")
      #expect(try train(2, "parts", options + ["--steps", "7"]).code == 0)
      #expect(try train(2, "parts", "--resume").code == 0)
      #expect(digest("whole") == digest("parts"))
      #expect(try metrics("whole") == metrics("parts"))
      let other = try train(3, "parts", "--resume", "--epochs", "3")
      #expect(other.code != 0)
      #expect(other.error.contains("batch cannot be built"), "\(other.error)")
      let alone = try train(1, "parts", "--resume", "--epochs", "3")
      #expect(alone.code == 1)
      #expect(alone.error.contains("differs from what is asked for in its number of ranks (2)"))
    }

    @Test("stops where one rank is asked to, and continues from there")
    func interruption() throws {
      try recipe(.plain, .classes, optimizer: Self.adam)
      #expect(try train(2, "whole", "--epochs", "40").code == 0)
      let process = try Tool(path: "/usr/bin/mpirun").start(
        Self.mpirun(2) + [Tool.trainOfTests.path] + training("stopped", ["--epochs", "40"]),
        environment: Self.environment)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      defer { process.terminate() }
      let ranks = try running("stopped")
      kill(ranks[1], SIGINT)
      process.waitUntilExit()
      #expect(process.terminationStatus == 130)
      let steps = try losses("stopped").count
      #expect(steps < 40 * 12)
      #expect(
        FileManager.default.fileExists(atPath: scratch.file("stopped/checkpoint.safetensors")))
      #expect(try train(2, "stopped", "--resume", "--epochs", "40").code == 0)
      #expect(digest("whole") == digest("stopped"))
    }

    @Test("ends on every rank when one is killed")
    func killed() throws {
      try recipe(.plain, .classes, optimizer: Self.adam)
      let process = try Tool(path: "/usr/bin/mpirun").start(
        Self.mpirun(3) + [Tool.trainOfTests.path]
          + training("killed", ["--set", "batch=33", "--epochs", "10000"]),
        environment: Self.environment)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      defer { process.terminate() }
      let ranks = try running("killed", count: 3)
      kill(ranks[1], SIGKILL)
      process.waitUntilExit()
      #expect(process.terminationStatus != 0)
      #expect(processes("killed").isEmpty)
    }

    /// The processes that train in a folder, by process id.
    private func processes(_ run: String) -> [Int32] {
      ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [])
        .compactMap(Int32.init).sorted().filter { process in
          let data = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
          let words = data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
          return words.first?.hasSuffix("/train") == true && words.contains(scratch.file(run))
        }
    }

    /// Waits until the ranks have trained some steps.
    private func running(_ run: String, count: Int = 2) throws -> [Int32] {
      var ranks: [Int32] = []
      try wait(for: "a step of \(count) ranks") {
        ranks = processes(run)
        let timing =
          (try? String(contentsOfFile: scratch.file("\(run)/timing.jsonl"), encoding: .utf8))
        return ranks.count == count && timing?.contains("\n") == true
      }
      return ranks
    }

    @Test("says what is wrong once, with the reason, and ends on every rank")
    func badInput() throws {
      try recipe(.plain, .classes)
      let uneven = try train(5, "uneven")
      #expect(uneven.code == 1)
      #expect(
        uneven.error.contains(
          "The recipe's batch cannot be built: 32 samples of a step cannot be divided evenly among "
            + "5 ranks."))
      #expect(uneven.error.components(separatedBy: "Error").count == 2, "\(uneven.error)")
      let none = try train(2, "none", "--protocol", "nothing")
      #expect(none.code == 1)
      #expect(none.error.components(separatedBy: "Error: ").count == 2, "\(none.error)")
      #expect(!FileManager.default.fileExists(atPath: scratch.file("uneven")))
    }

    @Test("names the rank that sees another store, or none")
    func differentRanks() throws {
      try recipe(.plain, .classes)
      try FileManager.default.copyItem(
        atPath: scratch.file("out"), toPath: scratch.file("other"))
      let forget = try Tool.prep.run(
        "forget", "person3", "--out", scratch.file("other"))
      #expect(forget.code == 0, "\(forget.error)")
      for (store, reason) in [
        ("other", "Rank 1 differs from rank 0 in its "), ("missing", "Error on rank 1: "),
      ] {
        var second = training("run", [])
        second[1] = scratch.file(store)
        let run = scratch.file("run")
        let outcome = try Tool(path: "/usr/bin/mpirun").run(
          all: Self.mpirun(1) + [Tool.trainOfTests.path] + training("run", []) + [":", "-n", "1"]
            + [Tool.trainOfTests.path] + second, environment: Self.environment)
        #expect(outcome.code == 1)
        #expect(outcome.error.contains(reason), "\(outcome.error)")
        #expect(!FileManager.default.fileExists(atPath: run))
      }
    }
  }
}
