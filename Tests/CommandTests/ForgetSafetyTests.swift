import Foundation
import GRDB
import SyntheticFaces
import TestSupport
import Testing

/// `prep forget` and `prep correct` beside damage, copies, shares of an ingest and trainings.
@Suite("People and pictures taken out of unusual stores", .serialized)
struct ForgetSafetyTests {
  private let scratch: TemporaryFolder
  private let faces = FaceSet(seed: 12)

  init() throws {
    scratch = try TemporaryFolder()
    try faces.write(to: scratch.file("faces"), people: 6, pictures: 4)
  }

  private var store: String { scratch.file("out") }
  private var shard: String { "\(store)/shards/00000.safetensors" }

  @discardableResult
  private func ingest(_ more: String...) throws -> Tool.Outcome {
    try Tool.prep.run(
      all: [
        "ingest", scratch.file("faces"), "--out", store, "--size", "24x28", "--color", "gray",
        "--dataset", "folder",
      ] + more)
  }

  private func pairs(_ arguments: String...) throws {
    let outcome = try Tool.prep.run(all: ["pairs", "--out", store, "--quiet"] + arguments)
    #expect(outcome.code == 0, "\(outcome.error)")
  }

  private func query(_ sql: String) throws -> [String] {
    try DatabaseQueue(path: "\(store)/catalog.sqlite").read { try String.fetchAll($0, sql: sql) }
  }

  private func correct(_ lines: String) throws -> Tool.Outcome {
    let file = try scratch.write(Array(lines.utf8), to: "list.csv")
    return try Tool.prep.run("correct", file, "--out", store, "--json")
  }

  private func forget(_ arguments: String...) throws -> Tool.Outcome {
    try Tool.prep.run(all: ["forget", "--out", store, "--json"] + arguments)
  }

  @Test("of a damaged shard are overwritten, and the damage is still reported")
  func damaged() throws {
    try ingest()
    var bytes = try Data(contentsOf: URL(fileURLWithPath: shard))
    // The last pixel belongs to s6.
    bytes[bytes.count - 1] ^= 0xFF
    try bytes.write(to: URL(fileURLWithPath: shard))
    let before = try query("SELECT sha256 FROM shard")
    let outcome = try forget("s1")
    #expect(outcome.code == 0, "\(outcome.error)")
    let after = try Data(contentsOf: URL(fileURLWithPath: shard))
    let size = 24 * 28
    let start = after.count - 24 * size
    // s1 has the first four rows.
    #expect(Set(after[start..<start + 4 * size]) == [0] && after.last == bytes.last)
    #expect(try query("SELECT sha256 FROM shard") == before)
    let verified = try Tool.prep.run("verify", "--out", store)
    #expect(verified.code == 1 && verified.output.contains("s6/4.pgm"), "\(verified.output)")
  }

  @Test("of a missing shard are taken out, and other commands go on")
  func missing() throws {
    try ingest()
    try FileManager.default.removeItem(atPath: shard)
    #expect(try forget("s1").code == 0)
    #expect(try query("SELECT path FROM samples WHERE identity = 's1'").isEmpty)
    #expect(try correct("path,action\ns2/1.pgm,exclude\n").code == 0)
    #expect(try Tool.prep.run("verify", "--out", store).code == 1)
  }

  @Test("of one task's share of an ingest are refused, and nothing changes")
  func shares() throws {
    try ingest("--task", "0/1")
    for outcome in try [forget("s1"), correct("path,action\ns2/1.pgm,exclude\n")] {
      #expect(outcome.code == 1)
      #expect((outcome.error + outcome.output).contains("prep merge"), "\(outcome.output)")
    }
    #expect(try query("SELECT path FROM samples").count == 24)
    #expect(try query("SELECT path FROM corrections").isEmpty)
    // The store is not left in the mode of a writer.
    #expect(!FileManager.default.fileExists(atPath: "\(store)/catalog.sqlite-wal"))
  }

  @Test("of a merged store are taken out, and the stores that share the file are named")
  func shared() throws {
    try ingest("--task", "0/1")
    let joined = scratch.file("joined")
    #expect(try Tool.prep.run("merge", store, "--out", joined).code == 0)
    let outcome = try Tool.prep.run("forget", "s1", "--out", joined)
    #expect(outcome.code == 0)
    #expect(outcome.error.contains("00000.safetensors") && outcome.error.contains("another store"))
    #expect(try Tool.prep.run("verify", "--out", store).code == 0)
    #expect(try Tool.prep.run("verify", "--out", joined).code == 0)
  }

  @Test("are found by a name typed in another form of Unicode, and stay out in both")
  func unicode() throws {
    let (composed, decomposed) = ("Zo\u{EB}", "Zoe\u{308}")
    try scratch.write(faces.pgm(person: 9, picture: 1), to: "faces/\(decomposed)/1.pgm")
    try ingest()
    #expect(try query("SELECT path FROM samples").count == 25)
    #expect(try forget(composed).summary["samples"] as? Int == 1)
    try FileManager.default.removeItem(atPath: scratch.file("faces/\(decomposed)"))
    try scratch.write(faces.pgm(person: 9, picture: 1), to: "faces/\(composed)/1.pgm")
    try ingest()
    #expect(try query("SELECT path FROM samples").count == 24)
  }

  @Test("take their one-shot trials along, whole ones")
  func trials() throws {
    try ingest()
    try pairs("--one-shot", "3", "--trials", "40", "--name", "o")
    let before = try query("SELECT number FROM pairs WHERE protocol = 'o'").count
    #expect(try forget("s1").code == 0)
    let rows = try DatabaseQueue(path: "\(store)/catalog.sqlite").read {
      try Row.fetchAll(
        $0,
        sql: """
          SELECT (number - 1) / 3, count(*), sum(genuine) FROM pair
          GROUP BY fold, role, (number - 1) / 3
          """)
    }
    #expect(!rows.isEmpty && rows.count < before / 3)
    #expect(rows.allSatisfy { $0[1] as Int == 3 && $0[2] as Int == 1 })
    #expect(
      try query("SELECT left_path || right_path FROM pairs").allSatisfy { !$0.contains("s1/") })
  }

  @Test("leave a copy that was dropped for them, and it is named")
  func droppedCopy() throws {
    try scratch.write(faces.pgm(person: 1, picture: 1), to: "faces/s6/copy.pgm")
    try ingest("--drop-duplicates")
    #expect(try query("SELECT path FROM samples WHERE path = 's6/copy.pgm'").isEmpty)
    // Whoever excludes the first of two copies gets the other one.
    #expect(try correct("path,action\ns1/1.pgm,exclude\n").code == 0)
    #expect(try query("SELECT path FROM samples WHERE path = 's6/copy.pgm'").count == 1)
    let outcome = try forget("s1")
    #expect(outcome.summary["copies"] as? [String] == ["s6/copy.pgm"])
  }

  @Test("are refused by the name that stands for those taken out before")
  func placeholder() throws {
    try ingest()
    #expect(try forget("s1").code == 0)
    let outcome = try forget("(forgotten)")
    #expect(outcome.code == 1 && outcome.error.contains("taken out already"))
    #expect(try forget("s1", "s2").summary["samples"] as? Int == 4)
  }

  @Test("are named with the runs that they trained, also when excluded, and with their scores")
  func runs() throws {
    try ingest()
    try pairs("--split", "identity", "--train", "0.5", "--exact", "--name", "p")
    let people = try query("SELECT DISTINCT identity FROM members WHERE role = 'train'")
    let tested = try query("SELECT DISTINCT identity FROM members WHERE role = 'test'")
    let (one, other) = (try #require(people.first), try #require(tested.first))
    // A picture that was excluded after the protocol was made is in its list of pairs all the same.
    #expect(try correct("path,action\n\(one)/1.pgm,exclude\n").code == 0)
    let recipe = try scratch.write(
      Array(
        """
        name: small
        title: A small tower
        source: Own work
        datasets: [folder]
        samples: {width: 24, height: 28, channels: 1}
        sampler: {listed: {}}
        tower: [{flatten: {}}, {dense: {units: 8}}]
        loss: {contrastive: {margin: 1}}
        optimizer: {adam: {rate: 0.001}}
        batch: 10
        epochs: 1
        """.utf8), to: "r.yaml")
    let run = scratch.file("runs/one")
    let trained = try Tool.train.run(
      "--shards", store, "--protocol", "p", "--recipe", recipe, "--run", run)
    #expect(trained.code == 0, "\(trained.error)")
    let lines = try String(contentsOfFile: "\(run)/trained-on.jsonl", encoding: .utf8)
      .split(separator: "\n").map {
        try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
      }
    let line = try #require(lines.first { $0?["identity"] as? String == one })
    #expect((line?["pixels"] as? [String])?.count == 4)
    #expect(try Tool.train.run("evaluate", "--run", run, "--shards", store).code == 0)
    let first = try forget(one, "--runs", scratch.file("runs")).summary
    #expect(first["runs"] as? [String] == [run] && first["reports"] as? [String] == [])
    let second = try forget(other, "--runs", scratch.file("runs")).summary
    #expect(second["runs"] as? [String] == [])
    #expect(second["reports"] as? [String] == ["\(run)/reports/p"])
  }

  @Test("keep the reason of a correction up to date")
  func reasons() throws {
    try ingest()
    #expect(try correct("path,action,reason\ns1/1.pgm,exclude,one\n").code == 0)
    let again = try correct("path,action,reason\ns1/1.pgm,exclude,other\n")
    #expect(again.summary["unchanged"] as? Int == 1)
    #expect(try query("SELECT reason FROM corrections") == ["other"])
  }
}
