import Foundation
import Shards
import TestSupport
import Testing

extension StorageTests {
  /// Transfers that are disturbed.
  @Suite("a store on an S3 server, over a bad network,")
  final class Faults: StorageFixture {
    @Test(
      "arrives in the same bytes whatever the network does",
      arguments: [
        "error", "busy", "cut", "short", "wrong", "slow", "shift", "ignore-range", "stall",
      ])
    func faults(fault: String) throws {
      try push()
      // A stalled transfer ends after 20 seconds; one is enough.
      let word = fault == "stall" ? "00001" : ""
      try server.spoil(fault, times: fault == "stall" ? 1 : 2, of: word)
      let copy = scratch.file("copy")
      let outcome = try run(.prep, "pull", address, copy)
      #expect(outcome.code == 0, "\(outcome.error)")
      #expect(try digest(copy) == digest(store))
      #expect(try Tool.prep.run("verify", "--out", copy).code == 0)
      let requests = try server.requests()
      #expect(requests.contains { $0[3] == fault }, "\(requests)")
      // What came before a broken connection is not fetched again.
      if ["cut", "stall", "ignore-range"].contains(fault) {
        #expect(requests.contains { $0[2].hasPrefix("bytes=") }, "\(requests)")
      }
      let warned = outcome.error.contains("attempt 2 of 8 follows")
      #expect(warned == (fault != "slow"), "\(outcome.error)")
    }

    @Test("that stays damaged or out of reach ends in one sentence, and leaves no store")
    func lasting() throws {
      try push()
      for (fault, word, text) in [
        ("wrong", "00002", "00002.safetensors arrived with other bytes than its store has, in 3"),
        ("wrong", "catalog", "catalog.sqlite arrived with other bytes than its store has, in 3"),
        ("error", "00001", "could not be transferred in 3 attempts: HTTP 500 InternalError"),
        ("short", "00000", "arrived with other bytes"),
      ] {
        try server.spoil(fault, times: 1_000, of: word)
        let copy = scratch.file("copy-\(fault)-\(word)")
        let outcome = try run(.prep, "pull", address, copy, "--attempts", "3")
        #expect(outcome.code == 1)
        #expect(outcome.error.contains(text), "\(outcome.error)")
        #expect(!FileManager.default.fileExists(atPath: "\(copy)/catalog.sqlite"))
        #expect(!scratch.contents().contains { $0.contains(DurableFile.temporaryPrefix) })
        // The next call fetches the rest alone.
        try server.spoil(nil)
        let again = try run(.prep, "pull", address, copy)
        #expect(again.code == 0, "\(again.error)")
        #expect(try digest(copy) == digest(store))
      }
    }

    @Test("whose sending is disturbed is whole there in the end, or not there")
    func disturbedPush() throws {
      try server.spoil("error", times: 1, method: "PUT")
      try push()
      #expect(try server.requests().contains { $0[0] == "PUT" && $0[3] == "error" })
      try server.spoil("error", times: 100, of: "catalog.sqlite", method: "PUT")
      let other = "s3://faces/other"
      let outcome = try run(.prep, "push", store, other, "--attempts", "2")
      #expect(outcome.code == 1)
      let pulled = try run(.prep, "pull", other, scratch.file("copy"))
      #expect(pulled.code == 1)
      #expect(pulled.error.contains("There is no store at s3://faces/other"), "\(pulled.error)")
      #expect(!FileManager.default.fileExists(atPath: scratch.file("copy")))
    }
  }
}
