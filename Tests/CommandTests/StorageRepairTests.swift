import Catalog
import Foundation
import Shards
import TestSupport
import Testing

extension StorageTests {
  /// What `prep push` and `prep pull` do after a mishap, and what they must not lose.
  @Suite("a store on an S3 server, after a mishap,")
  final class Repair: StorageFixture {
    private var prefix: String { String(address.dropFirst("s3://faces/".count)) }

    private func isThere(_ shard: Int) throws -> Bool {
      try server.has("\(prefix)/shards/\(StoreFolder.shardName(shard))")
    }

    @Test("loses the pictures of another one also if the first try could not remove them")
    func removals() throws {
      try push()
      try FileManager.default.moveItem(atPath: store, toPath: scratch.file("before"))
      try ingest(7_000..<7_050, from: "others")
      try server.spoil("error", times: 1_000, method: "DELETE")
      let failed = try run(.prep, "push", store, address, "--replace", "--attempts", "2")
      #expect(failed.code == 1)
      #expect(try isThere(1) && isThere(2))
      try server.spoil(nil)
      try push("--replace")
      #expect(try isThere(0) && !isThere(1) && !isThere(2))
      #expect(try run(.prep, "pull", address, scratch.file("copy")).code == 0)
      #expect(try digest(scratch.file("copy")) == digest(store))
    }

    @Test("loses the pictures of a push that never came to its catalog")
    func unnamed() throws {
      try server.spoil("error", times: 1_000, of: "catalog.sqlite", method: "PUT")
      #expect(try run(.prep, "push", store, address, "--attempts", "2").code == 1)
      try server.spoil(nil)
      #expect(try isThere(2))
      try FileManager.default.moveItem(atPath: store, toPath: scratch.file("before"))
      try ingest(7_000..<7_050, from: "others")
      try push("--replace")
      #expect(try isThere(0) && !isThere(1) && !isThere(2))
    }

    @Test("loses the pictures that no catalog names also if their removal was interrupted")
    func interruptedRemoval() throws {
      try push()
      // Shards of a push that never came to its catalog, more than the search leaves out.
      let key = "\(prefix)/shards/\(StoreFolder.shardName(0))"
      try server.change(
        key,
        """
        for number in range(3, 90):
          client.put_object(Bucket="faces", Key=sys.argv[2].replace("00000", f"{number:05}"), Body=b"x")
        """)
      try server.spoil("error", times: 1_000, of: "00005", method: "DELETE")
      let failed = try run(
        .prep, "push", store, address, "--replace", "--attempts", "1", "--connections", "1")
      #expect(failed.code == 1)
      #expect(try !isThere(89) && isThere(4))
      // Nothing was written over.
      #expect(try run(.prep, "pull", address, scratch.file("copy")).code == 0)
      try server.spoil(nil)
      try push("--replace")
      for shard in 3..<90 { #expect(try !isThere(shard), "\(shard)") }
      #expect(try isThere(2))
    }

    @Test(
      "is repaired by the command that the message names",
      arguments: ["data = data[:-1] + b'x'", "metadata = {'sha256': 'x'}"])
    func repaired(change: String) throws {
      try push()
      try server.change("\(prefix)/catalog.sqlite", change)
      try server.change("\(prefix)/catalog.sqlite.sha256", "data = b'none'")
      let copy = scratch.file("copy")
      let pulled = try run(.prep, "pull", address, copy, "--attempts", "2")
      #expect(pulled.code == 1 && pulled.error.contains("prep push --replace"), "\(pulled.error)")
      #expect(try run(.prep, "push", store, address, "--attempts", "2").code == 1)
      let repaired = try run(.prep, "push", store, address, "--replace", "--attempts", "2")
      #expect(repaired.code == 0, "\(repaired.error)")
      #expect(try run(.prep, "pull", address, copy).code == 0)
      #expect(try digest(copy) == digest(store))
    }

    @Test("copied there by a program that keeps no hashes is continued without sending it again")
    func foreignCopy() throws {
      try push()
      for shard in 0..<3 {
        let metadata = ["{}", "{'sha256': metadata['sha256'].upper()}", "{'sha256': 'x'}"][shard]
        try server.change(
          "\(prefix)/shards/\(StoreFolder.shardName(shard))", "metadata = \(metadata)")
      }
      try server.change("\(prefix)/catalog.sqlite", "metadata = {}")
      try ingest(5_000..<5_020, from: "more")
      let pushed = try run(.prep, "push", store, address, "--json")
      #expect(pushed.code == 0, "\(pushed.error)")
      #expect(pushed.summary["sent"] as? Int == 1)
      // A shard of another length is not taken for the same.
      try server.change("\(prefix)/shards/\(StoreFolder.shardName(1))", "data, metadata = b'x', {}")
      let refused = try run(.prep, "push", store, address)
      #expect(refused.code == 1 && refused.error.contains("00001.safetensors would be lost"))
    }

    @Test(
      "takes the hash beside the catalog where the header is none",
      arguments: ["../../../../evil", "E3B0C44298FC1C149AFBF4C8996FB924", "not hexadecimal"])
    func header(value: String) throws {
      try push()
      try server.change("\(prefix)/catalog.sqlite", "metadata = {'sha256': '\(value)'}")
      let copy = scratch.file("copy")
      let pulled = try run(.prep, "pull", address, copy)
      #expect(pulled.code == 0, "\(pulled.error)")
      #expect(try digest(copy) == digest(store))
    }

    @Test("whose hash is in capitals is the same")
    func capitals() throws {
      try push()
      try server.change(
        "\(prefix)/catalog.sqlite", "metadata = {'sha256': metadata['sha256'].upper()}")
      let copy = scratch.file("copy")
      #expect(try run(.prep, "pull", address, copy, "--attempts", "2").code == 0)
      #expect(try digest(copy) == digest(store))
    }

    @Test("does not bring back duplicates that were dropped, there or here")
    func dropped() throws {
      for number in [6_000, 6_010] {
        try scratch.write(NoisePicture.pgm(6_000), to: "twice/person\(number)/\(number).pgm")
      }
      func ingest(_ arguments: String...) throws {
        let outcome = try Tool.prep.run(
          all: [
            "ingest", scratch.file("twice"), "--out", store, "--size", "16", "--crop", "center",
          ]
            + arguments)
        #expect(outcome.code == 0 || outcome.code == 3, "\(outcome.error)")
      }
      try ingest()
      try push()
      let copy = scratch.file("copy")
      #expect(try run(.prep, "pull", address, copy).code == 0)
      try ingest("--drop-duplicates")
      let own = try digest(store)
      #expect(try own != digest(copy))
      let pulled = try run(.prep, "pull", address, store)
      #expect(pulled.code == 1)
      #expect(pulled.error.contains("the removal of a duplicate would be lost"), "\(pulled.error)")
      #expect(try digest(store) == own)
      try push()
      let pushed = try run(.prep, "push", copy, address)
      #expect(pushed.code == 1)
      #expect(pushed.error.contains("the removal of a duplicate would be lost"), "\(pushed.error)")
      // The drop ends with the exclusion of the original, which is a change like any other.
      #expect(try run(.prep, "pull", address, copy).code == 0)
      var path = ""
      try Catalog.open(StoreFolder(path: store)).forEachImage { image in
        if image.identity == "person6000" { path = image.path }
      }
      let list = try scratch.write(
        Array("path,action\n\(path),exclude\n".utf8), to: "list.csv")
      let corrected = try Tool.prep.run("correct", list, "--out", store)
      #expect(corrected.code == 0, "\(corrected.error) \(corrected.output)")
      try push()
      #expect(try run(.prep, "pull", address, copy).code == 0)
      #expect(try digest(copy) == digest(store))
    }

    @Test("does not bring back a person who was forgotten while a shard was missing")
    func forgotten() throws {
      // A store without a protocol, which would be lost as well.
      try FileManager.default.moveItem(atPath: store, toPath: scratch.file("before"))
      try ingest(7_000..<7_050, from: "others")
      try push()
      try FileManager.default.removeItem(
        atPath: "\(store)/shards/\(StoreFolder.shardName(0))")
      let gone = try Tool.prep.run("forget", "person701", "--out", store)
      #expect(gone.code == 0, "\(gone.error)")
      let pulled = try run(.prep, "pull", address, store)
      #expect(pulled.code == 1)
      #expect(pulled.error.contains("by prep forget would be lost"), "\(pulled.error)")
    }
  }
}
