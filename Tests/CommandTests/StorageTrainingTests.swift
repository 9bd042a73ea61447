import Foundation
import Shards
import TestSupport
import Testing

extension StorageTests {
  /// `train --shards s3://`.
  @Suite("a store on an S3 server, trained on,")
  final class Training: StorageFixture {
    private static let recipe = SmallRecipe.text(
      shape: (16, 16, 3), pairs: 400, more: "normalization: {standardize: {}}")

    private func train(_ shards: String, _ run: String, _ arguments: String...) throws
      -> Tool.Outcome
    {
      try Tool.train.run(
        all: [
          "--shards", shards, "--recipe", scratch.file("r.yaml"), "--run", scratch.file(run),
        ] + arguments, environment: server.environment)
    }

    private func prepareTraining() throws {
      try scratch.write(Array(Self.recipe.utf8), to: "r.yaml")
      try push()
    }

    private func weights(_ run: String) -> String {
      Digest.sha256(file: scratch.file("\(run)/checkpoint.safetensors"))
    }

    /// The bytes of the shards in the caches.
    private func cached() throws -> Int {
      let files =
        FileManager.default.enumerator(atPath: server.cache)?.allObjects as? [String] ?? []
      return try files.filter { $0.hasSuffix(".safetensors") }.reduce(0) {
        $0
          + (try FileManager.default.attributesOfItem(atPath: "\(server.cache)/\($1)")[.size]
            as? Int
            ?? 0)
      }
    }

    @Test(
      "trains and tests in the same bits as one in a folder, whatever the network does",
      arguments: ["none", "error", "cut", "wrong"])
    func training(fault: String) throws {
      try prepareTraining()
      #expect(try train(store, "local").code == 0)
      try server.spoil(fault == "none" ? nil : fault, times: 1)
      let outcome = try train(address, "remote")
      #expect(outcome.code == 0, "\(outcome.error)")
      #expect(weights("remote") == weights("local"))
      #expect(try server.requests().contains { $0[3] == fault } == (fault != "none"))
      // The second time nothing but the hash of the catalog is asked for.
      try server.spoil(nil)
      #expect(try train(address, "again").code == 0)
      #expect(weights("again") == weights("local"))
      #expect(try server.requests().allSatisfy { $0[0] == "HEAD" })

      let figures = try [store, address].map { shards in
        let tested = try run(
          .train, "evaluate", "--run", scratch.file("local"), "--shards", shards, "--report",
          scratch.file("report"), "--json")
        #expect(tested.code == 0, "\(tested.error)")
        return tested.summary["auc"] as? Double
      }
      #expect(figures[0] != nil)
      #expect(figures[0] == figures[1])
    }

    @Test("is read through a cache that holds one shard of three, in the same bits")
    func smallCache() throws {
      try prepareTraining()
      #expect(try train(store, "local", "--epochs", "1", "--steps", "4").code == 0)
      let outcome = try train(
        address, "remote", "--epochs", "1", "--steps", "4", "--cache-limit", "1MB")
      #expect(outcome.code == 0, "\(outcome.error)")
      #expect(weights("remote") == weights("local"))
      #expect(try cached() <= 1_000_000)
      #expect(try server.requests().count { $0[1].contains("00000.safetensors") } > 1)
      let tooSmall = try train(address, "small", "--cache-limit", "100kB")
      #expect(tooSmall.code == 1)
      #expect(
        tooSmall.error.contains("A cache of 100kB cannot hold one shard"), "\(tooSmall.error)")
    }

    @Test("whose cached shard or catalog was damaged is fetched anew")
    func damagedCache() throws {
      try prepareTraining()
      #expect(try train(address, "first").code == 0)
      let files =
        (FileManager.default.enumerator(atPath: server.cache)?.allObjects as? [String] ?? [])
        .filter { $0.hasSuffix(".safetensors") || $0.hasSuffix("catalog.sqlite") }
      #expect(files.count == 4)
      for file in files {
        let url = URL(fileURLWithPath: "\(server.cache)/\(file)")
        var bytes = try Data(contentsOf: url)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: url)
      }
      try server.spoil(nil)
      #expect(try train(address, "second").code == 0)
      #expect(weights("second") == weights("first"))
      #expect(try server.requests().count { $0[0] == "GET" } == 4)
    }

    @Test("that cannot be read stops a training with one sentence")
    func brokenTraining() throws {
      try prepareTraining()
      try server.spoil("wrong", times: 1_000, of: "00001")
      let outcome = try train(address, "remote", "--attempts", "2")
      #expect(outcome.code == 1)
      #expect(
        outcome.error.contains("00001.safetensors arrived with other bytes"), "\(outcome.error)")
    }

    @Test("that is still fetched when the command ends does not disturb the end")
    func exit() throws {
      try prepareTraining()
      try server.spoil("wrong", times: 100_000, of: "shards/")
      for number in 0..<15 {
        let outcome = try train(address, "remote\(number)", "--attempts", "2")
        #expect(outcome.code == 1, "\(outcome.error)")
      }
    }

    @Test("is read by two states at once from one cache")
    func twoStates() throws {
      try prepareTraining()
      #expect(try train(address, "first").code == 0)
      let old = try #require(try cachedCatalogs().first)
      try ingest(5_000..<5_020, from: "more")
      try push()
      #expect(try train(address, "second", "--steps", "2").code == 0)
      #expect(try cachedCatalogs().count == 2)
      #expect(try cachedCatalogs().contains(old))
      // The weights after an update of the store are those of a training in its folder.
      #expect(try train(store, "local", "--steps", "2").code == 0)
      #expect(weights("second") == weights("local"))
      // A state that nobody has read for a day is removed.
      try FileManager.default.setAttributes(
        [.modificationDate: Date.now - 25 * 3600], ofItemAtPath: "\(server.cache)/\(old)")
      #expect(try train(address, "third", "--steps", "2").code == 0)
      #expect(try cachedCatalogs().count == 1)
      #expect(try !cachedCatalogs().contains(old))
    }

    private func cachedCatalogs() throws -> [String] {
      (FileManager.default.enumerator(atPath: server.cache)?.allObjects as? [String] ?? [])
        .filter { $0.hasSuffix("catalog.sqlite") }
    }
  }
}
