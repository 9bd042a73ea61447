import Catalog
import Foundation
import GRDB
import Shards
import TestSupport
import Testing

extension StorageTests {
  /// `prep push` and `prep pull`.
  @Suite("a store on an S3 server, copied,")
  final class Copying: StorageFixture {
    @Test("is pushed and pulled whole, and what is there is not sent or fetched again")
    func roundTrip() throws {
      let first = try run(.prep, "push", store, address, "--json").summary
      #expect(first["sent"] as? Int == 3)
      #expect(try run(.prep, "push", store, address, "--json").summary["sent"] as? Int == 0)
      let copy = scratch.file("copy")
      #expect(
        try run(.prep, "pull", address, copy, "--json").summary["fetched"] as? Int == 3)
      #expect(try digest(copy) == digest(store))
      #expect(try Tool.prep.run("verify", "--out", copy).code == 0)
      #expect(
        scratch.contents(of: "copy").sorted() == [
          "catalog.sqlite", "lock", "shards", "shards/00000.safetensors",
          "shards/00001.safetensors",
          "shards/00002.safetensors",
        ])

      try ingest(5_000..<5_020, from: "more")
      #expect(try run(.prep, "push", store, address, "--json").summary["sent"] as? Int == 1)
      #expect(
        try run(.prep, "pull", address, copy, "--json").summary["fetched"] as? Int == 1)
      #expect(try digest(copy) == digest(store))
    }

    @Test("is not mixed with another store, there or here")
    func otherStore() throws {
      try push()
      let copy = scratch.file("copy")
      #expect(try run(.prep, "pull", address, copy).code == 0)
      let first = store
      try FileManager.default.moveItem(atPath: first, toPath: scratch.file("before"))
      try ingest(7_000..<7_050, from: "others")
      let refused = try run(.prep, "push", store, address)
      #expect(refused.code == 1)
      #expect(refused.error.contains("holds another store, or changes"), "\(refused.error)")
      try push("--replace")
      // The pictures of the other store are gone from the server.
      for number in 0..<3 {
        try server.spoil(nil)
        _ = try run(.prep, "push", store, address)
        let shard = "0000\(number).safetensors"
        let isThere = try server.has("\(address.dropFirst("s3://faces/".count))/shards/\(shard)")
        #expect(isThere == (number == 0), "\(shard)")
      }
      let pulled = try run(.prep, "pull", address, copy)
      #expect(pulled.code == 1)
      #expect(pulled.error.contains("holds another store"), "\(pulled.error)")
      #expect(try digest(copy) == digest(scratch.file("before")))
    }

    @Test("is not written over by an earlier state, there or here")
    func earlierState() throws {
      let before = scratch.file("before")
      try FileManager.default.copyItem(atPath: store, toPath: before)
      try ingest(5_000..<5_020, from: "more")
      try push()
      let older = try run(.prep, "push", before, address)
      #expect(older.code == 1)
      #expect(older.error.contains("the shard 00003.safetensors would be lost"), "\(older.error)")

      let copy = scratch.file("copy")
      #expect(try run(.prep, "pull", address, copy).code == 0)
      for (folder, name) in [(store, "there"), (copy, "here")] {
        let pairs = try Tool.prep.run(
          "pairs", "--out", folder, "--split", "identity", "--seed", "3", "--name", name, "--quiet")
        #expect(pairs.code == 0, "\(pairs.error)")
      }
      try push()
      let pulled = try run(.prep, "pull", address, copy)
      #expect(pulled.code == 1)
      #expect(pulled.error.contains("the protocol here would be lost"), "\(pulled.error)")
      let pushed = try run(.prep, "push", copy, address)
      #expect(pushed.code == 1)
      #expect(pushed.error.contains("the protocol there would be lost"), "\(pushed.error)")
      #expect(try run(.prep, "pull", address, copy, "--replace").code == 0)
      #expect(try Catalog.open(StoreFolder(path: copy)).protocols().map(\.name).contains("there"))
    }

    @Test("replaces a catalog with changes beside it that a killed command left")
    func leftovers() throws {
      let copy = scratch.file("copy")
      try FileManager.default.moveItem(atPath: store, toPath: copy)
      try ingest(7_000..<7_050, from: "others")
      try push()
      let catalog = "\(copy)/catalog.sqlite"
      let queue = try DatabaseQueue(path: catalog)
      try queue.writeWithoutTransaction {
        try $0.execute(sql: "PRAGMA journal_mode = WAL")
        try $0.execute(sql: "UPDATE sample SET modified = modified + 1")
      }
      // SQLite removes the file when the last connection is closed, which SIGKILL prevents.
      let changes = try Data(contentsOf: URL(fileURLWithPath: "\(catalog)-wal"))
      #expect(!changes.isEmpty)
      try queue.close()
      try changes.write(to: URL(fileURLWithPath: "\(catalog)-wal"))
      try scratch.write([], to: "copy/catalog.sqlite-journal")
      let pulled = try run(.prep, "pull", address, copy, "--replace")
      #expect(pulled.code == 0, "\(pulled.error)")
      for suffix in ["-shm", "-wal", "-journal"] {
        #expect(!FileManager.default.fileExists(atPath: catalog + suffix), "\(suffix)")
      }
      #expect(try digest(copy) == digest(store))
    }

    @Test("that is pulled goes on after a kill")
    func killed() throws {
      try push()
      try server.spoil("slow", times: 10, of: "00002")
      let copy = scratch.file("copy")
      let pull = try Tool.prep.start(["pull", address, copy], environment: server.environment)
      pull.standardError = FileHandle.nullDevice
      pull.standardOutput = FileHandle.nullDevice
      try pull.run()
      for _ in 0..<500
      where scratch.contents(of: "copy/shards").count(where: { !$0.hasPrefix(".") }) < 2 {
        usleep(10_000)
      }
      kill(pull.processIdentifier, SIGKILL)
      pull.waitUntilExit()
      #expect(!FileManager.default.fileExists(atPath: "\(copy)/catalog.sqlite"))
      let again = try run(.prep, "pull", address, copy, "--json")
      #expect(again.code == 0, "\(again.error)")
      #expect(again.summary["fetched"] as? Int == 1)
      #expect(try digest(copy) == digest(store))
      #expect(!scratch.contents().contains { $0.contains(DurableFile.temporaryPrefix) })
    }

    @Test("is read from a web server that has the files of its folder")
    func web() throws {
      let web = Process()
      web.executableURL = URL(fileURLWithPath: Surroundings.storagePython)
      web.arguments = ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", store]
      let output = Pipe()
      web.standardOutput = output
      web.standardError = FileHandle.nullDevice
      try web.run()
      defer { kill(web.processIdentifier, SIGKILL) }
      let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
      let port = try #require(line.split(separator: " ").compactMap { Int($0) }.first)
      let address = "http://127.0.0.1:\(port)"
      let unhashed = try run(.prep, "pull", address, scratch.file("copy"))
      #expect(unhashed.code == 1)
      #expect(
        unhashed.error.contains("catalog.sqlite.sha256 is missing or is no SHA-256"),
        "\(unhashed.error)")
      try scratch.write(
        Array("\(Digest.sha256(file: "\(store)/catalog.sqlite"))  catalog.sqlite\n".utf8),
        to: "out/catalog.sqlite.sha256")
      let pulled = try run(.prep, "pull", address, scratch.file("copy"))
      #expect(pulled.code == 0, "\(pulled.error)")
      #expect(try digest(scratch.file("copy")) == digest(store))
    }
  }
}
