import Foundation
import GRDB
import SyntheticFaces
import TestSupport
import Testing

/// `prep forget` and `prep correct`, as users give them.
@Suite("People and pictures taken out", .serialized)
struct ForgetCommandTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
    let faces = FaceSet(seed: 7)
    try faces.write(to: scratch.file("faces"), people: 6, pictures: 4)
    // A person whose name must not remain, with a copy under another name and a bad file.
    for picture in 1...3 {
      try scratch.write(
        faces.pgm(person: 9, picture: picture), to: "faces/Zelda_Quux/\(picture).pgm")
    }
    try scratch.write(faces.pgm(person: 9, picture: 1), to: "faces/s6/copy.pgm")
    try scratch.write(Array("no picture".utf8), to: "faces/Zelda_Quux/bad.pgm")
    let outcome = try ingest()
    #expect(outcome.code == 3, "\(outcome.error)")
    let pairs = try Tool.prep.run(
      "pairs", "--out", store, "--split", "identity", "--train", "0.5", "--name", "p", "--quiet")
    #expect(pairs.code == 0, "\(pairs.error)")
  }

  private var store: String { scratch.file("out") }

  private func ingest() throws -> Tool.Outcome {
    try Tool.prep.run(
      "ingest", scratch.file("faces"), "--out", store, "--size", "24x28", "--dataset", "folder",
      "--json")
  }

  private func query(_ sql: String) throws -> [String] {
    try DatabaseQueue(path: "\(store)/catalog.sqlite").read { try String.fetchAll($0, sql: sql) }
  }

  private func everyByte() throws -> [(name: String, bytes: Data)] {
    let files = FileManager.default.enumerator(atPath: store)?.compactMap { $0 as? String } ?? []
    return files.compactMap { file in
      FileManager.default.contents(atPath: "\(store)/\(file)").map { (file, $0) }
    }
  }

  /// Adds the name where protocols keep names: among the tested identities, and in pairs and findings
  /// of lists whose pictures are not in the store.
  private func nameInProtocols() throws {
    let made = try Tool.prep.run(
      "pairs", "--out", store, "--split", "identity", "--test-identities", "Zelda_Quux,s6",
      "--name", "t", "--quiet")
    #expect(made.code == 0, "\(made.error)")
    #expect(
      try query("SELECT specification FROM protocol WHERE name = 't'").first?.contains("Zelda")
        == true)
    try DatabaseQueue(path: "\(store)/catalog.sqlite").write {
      try $0.execute(
        sql: """
          INSERT INTO missing_pair SELECT id, 1, 2, 1, 1, 'Zelda_Quux 7', 'Zelda_Quux 8'
            FROM protocol WHERE name = 'p';
          INSERT INTO missing_pair SELECT id, 1, 2, 2, 0, 's1 7', 'Zelda_Quux_0007.jpg'
            FROM protocol WHERE name = 'p';
          INSERT INTO missing_pair SELECT id, 1, 2, 3, 1, 's1 8', 's1 9'
            FROM protocol WHERE name = 'p';
          INSERT INTO finding SELECT id, 60, 'missing-image', 0, 'Zelda_Quux 7', '', ''
            FROM protocol WHERE name = 'p';
          """)
    }
  }

  /// Checks that the protocols lost the person and nobody else.
  private func checkProtocols() throws {
    #expect(try query("SELECT kind FROM findings WHERE protocol = 'p'") == ["forgotten"])
    #expect(try query("SELECT path FROM members WHERE path LIKE 'forgotten%'").isEmpty)
    #expect(try query("SELECT left_path FROM missing_pairs WHERE protocol = 'p'") == ["s1 8"])
    let tested = try query("SELECT specification FROM protocol WHERE name = 't'")
    #expect(tested.first?.contains("\"test_identities\":[\"s6\"]") == true, "\(tested)")
  }

  @Test("leave no name and no pixel, and the ids of the others")
  func forget() throws {
    let others = try query(
      "SELECT path || shard || row || sha256 FROM samples WHERE identity <> 'Zelda_Quux' ORDER BY 1"
    )
    let row = try DatabaseQueue(path: "\(store)/catalog.sqlite").read {
      try Row.fetchOne(
        $0, sql: "SELECT shard, row FROM samples WHERE path = 'Zelda_Quux/2.pgm'")
    }
    let shard = try #require(row?["shard"] as String?)
    let place: Int = try #require(row?["row"])
    let size = 24 * 28 * 3
    func pixels() throws -> Data {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(store)/shards/\(shard)"))
      let header = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      return bytes[8 + header + place * size..<8 + header + (place + 1) * size]
    }
    let before = try pixels()
    #expect(Set(before).count > 10)
    try nameInProtocols()
    let outcome = try Tool.prep.run("forget", "Zelda_Quux", "--out", store, "--json")
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(outcome.summary["samples"] as? Int == 3 && outcome.summary["rejections"] as? Int == 1)
    #expect(outcome.summary["protocols"] as? [String] == ["p", "t"])
    #expect(try Set(pixels()) == [0])
    for (name, bytes) in try everyByte() {
      #expect(bytes.range(of: Data("Zelda".utf8)) == nil, "\(name) has the name")
      #expect(bytes.range(of: before) == nil, "\(name) has the pixels")
    }
    #expect(
      try query("SELECT path || shard || row || sha256 FROM samples ORDER BY 1") == others)
    try checkProtocols()
    let verified = try Tool.prep.run("verify", "--out", store, "--json")
    #expect(verified.code == 0, "\(verified.output)")
    // Whoever ingests again does not bring the person back; 24 pictures and the copy stay.
    let again = try ingest()
    #expect(again.summary["samples"] as? Int == 25 && again.summary["stored"] as? Int == 0)
    #expect(try query("SELECT path FROM samples WHERE identity = 'Zelda_Quux'").isEmpty)
    #expect(try query("SELECT path FROM rejections").isEmpty)
    #expect(again.error.contains("taken out"), "\(again.error)")
  }

  @Test("are taken out also if the command was killed before it overwrote the shard")
  func killed() throws {
    let shard = "\(store)/shards/00000.safetensors"
    let original = try Data(contentsOf: URL(fileURLWithPath: shard))
    #expect(try Tool.prep.run("forget", "Zelda_Quux", "--out", store).code == 0)
    let wiped = try Data(contentsOf: URL(fileURLWithPath: shard))
    #expect(wiped != original)
    // As after a kill between the commit and the rename.
    try original.write(to: URL(fileURLWithPath: shard))
    try DatabaseQueue(path: "\(store)/catalog.sqlite").write {
      try $0.execute(sql: "INSERT INTO unwiped VALUES (0)")
    }
    _ = try ingest()
    #expect(try Data(contentsOf: URL(fileURLWithPath: shard)) == wiped)
    #expect(try Tool.prep.run("verify", "--out", store).code == 0)
  }

  @Test("are taken out to the end by the same command again, wherever it was killed")
  func again() throws {
    let shard = try Data(contentsOf: URL(fileURLWithPath: "\(store)/shards/00000.safetensors"))
    // As after a kill right after the commit: the shard is as before, the page is there.
    #expect(try Tool.prep.run("forget", "Zelda_Quux", "--out", store).code == 0)
    try shard.write(to: URL(fileURLWithPath: "\(store)/shards/00000.safetensors"))
    try DatabaseQueue(path: "\(store)/catalog.sqlite").write {
      try $0.execute(
        sql: "INSERT INTO unwiped VALUES (0); INSERT INTO store VALUES ('compact', '1')")
    }
    let verified = try Tool.prep.run("verify", "--out", store)
    #expect(verified.code == 1 && verified.output.contains("give prep forget again"))
    let outcome = try Tool.prep.run("forget", "Zelda_Quux", "s1", "--out", store, "--json")
    #expect(outcome.code == 0 && outcome.error.contains("taken out before"), "\(outcome.error)")
    #expect(try Tool.prep.run("verify", "--out", store).code == 0)
    #expect(try query("SELECT key FROM store WHERE key = 'compact'").isEmpty)
  }

  @Test("leave no copy unnamed, no card, and no picture that a correction gave to them")
  func traces() throws {
    #expect(try Tool.prep.run("card", "--out", store).code == 0)
    #expect(try Tool.prep.run("stats", "--out", store).code == 0)
    #expect(try correct("path,action,identity\ns5/2.pgm,relabel,Zelda_Quux\n").code == 0)
    let outcome = try Tool.prep.run("forget", "Zelda_Quux", "--out", store, "--json")
    #expect(outcome.summary["samples"] as? Int == 4)
    #expect(outcome.summary["copies"] as? [String] == ["s6/copy.pgm"])
    for (name, bytes) in try everyByte() {
      #expect(bytes.range(of: Data("Zelda".utf8)) == nil, "\(name) has the name")
    }
    _ = try ingest()
    #expect(try query("SELECT path FROM samples WHERE path = 's5/2.pgm'").isEmpty)
    #expect(try query("SELECT path FROM samples WHERE path = 's5/3.pgm'").count == 1)
  }

  @Test("take nothing along that may be of the person of this name in another dataset")
  func sameName() throws {
    try FaceSet(seed: 8).write(to: scratch.file("others"), people: 4, pictures: 3)
    let other = try Tool.prep.run(
      "ingest", scratch.file("others"), "--out", store, "--size", "24x28", "--color", "rgb",
      "--dataset", "orl")
    // 3: the store has the bad file of the first dataset.
    #expect([0, 3].contains(other.code), "\(other.error)")
    let made = try Tool.prep.run(
      "pairs", "--out", store, "--split", "identity", "--test-identities", "s1", "--name", "t",
      "--quiet")
    #expect(made.code == 0, "\(made.error)")
    try DatabaseQueue(path: "\(store)/catalog.sqlite").write {
      try $0.execute(
        sql: """
          INSERT INTO finding SELECT id, 52, 'identity', 0, 's1', 's1', '' FROM protocol
            WHERE name = 't';
          """)
    }
    #expect(
      try Tool.prep.run("forget", "s1", "--dataset", "folder", "--out", store).code == 0)
    let tested = try query("SELECT specification FROM protocol WHERE name = 't'")
    #expect(tested.first?.contains("\"test_identities\":[\"s1\"]") == true, "\(tested)")
    #expect(
      try query("SELECT \"left\" FROM findings WHERE protocol = 't' AND kind = 'identity'")
        .contains("s1"))
  }

  @Test("take the missing pairs of no one else along")
  func missingPairs() throws {
    try DatabaseQueue(path: "\(store)/catalog.sqlite").write {
      try $0.execute(
        sql: """
          INSERT INTO missing_pair SELECT id, 1, 2, 1, 1, 's1/8.pgm', 's1/9.pgm' FROM protocol;
          INSERT INTO missing_pair SELECT id, 1, 2, 2, 1, 's12/8.pgm', 's12/9.pgm' FROM protocol;
          INSERT INTO finding SELECT id, 50, 'near', 0, 's12/1.pgm', 's3/1.pgm', '' FROM protocol;
          INSERT INTO finding SELECT id, 51, 'near', 0, 's1/1.pgm', 's3/1.pgm', '' FROM protocol;
          INSERT INTO finding SELECT id, 52, 'identity', 0, 's1', 's1', '' FROM protocol;
          INSERT INTO finding SELECT id, 53, 'identity', 0, 's1_2', 's1_2', '' FROM protocol;
          """)
    }
    #expect(try Tool.prep.run("forget", "s1", "--out", store).code == 0)
    #expect(try query("SELECT \"left\" FROM findings WHERE kind = 'identity'") == ["s1_2"])
    #expect(try query("SELECT left_path FROM missing_pairs") == ["s12/8.pgm"])
    #expect(try query("SELECT \"left\" FROM findings WHERE kind = 'near'") == ["s12/1.pgm"])
  }

  @Test("are not in protocols that are made after they were excluded")
  func excludedFromProtocols() throws {
    #expect(try correct("path,action\ns3/2.pgm,exclude\n").code == 0)
    let pairs = try Tool.prep.run(
      "pairs", "--out", store, "--split", "identity", "--train", "0.5", "--name", "q")
    #expect(pairs.code == 0, "\(pairs.error)")
    #expect(
      try query("SELECT path FROM members WHERE protocol = 'q' AND path = 's3/2.pgm'").isEmpty)
    #expect(
      try query("SELECT path FROM members WHERE protocol = 'q' AND path = 's3/3.pgm'").count == 1)
  }

  @Test("are refused by an unknown name, and then nothing changes")
  func unknown() throws {
    let before = try Tool.prep.run("stats", "--out", store, "--json").summary["digest"] as? String
    let outcome = try Tool.prep.run("forget", "s1", "Nobody", "--out", store)
    #expect(outcome.code != 0 && outcome.error.contains("no identity Nobody"))
    let after = try Tool.prep.run("stats", "--out", store, "--json").summary["digest"] as? String
    #expect(before == after && before != nil)
  }

  private func correct(_ lines: String) throws -> Tool.Outcome {
    let file = try scratch.write(Array(lines.utf8), to: "list.csv")
    return try Tool.prep.run("correct", file, "--out", store, "--json")
  }

  @Test("are corrected, also when their file is stored again, and can be restored")
  func corrections() throws {
    func identity(_ path: String) throws -> [String] {
      try query("SELECT identity FROM samples WHERE path = '\(path)'")
    }
    let before = try Tool.prep.run("stats", "--out", store, "--json").summary["digest"] as? String
    let outcome = try correct(
      "path,action,identity,reason\r\ns1/1.pgm,relabel,s2,\"wrong, seen by two\"\r\ns3/2.pgm,exclude,,blurred\r\n"
    )
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(outcome.summary["relabelled"] as? Int == 1 && outcome.summary["excluded"] as? Int == 1)
    #expect(outcome.summary["protocols"] as? [String] == ["p"])
    #expect(try identity("s1/1.pgm") == ["s2"] && identity("s3/2.pgm").isEmpty)
    #expect(
      try query("SELECT detail FROM rejections WHERE path = 's3/2.pgm' AND reason = 'excluded'")
        == ["blurred"])
    let stats = try Tool.prep.run("stats", "--out", store, "--json")
    #expect(stats.code == 0 && stats.summary["digest"] as? String != before)
    let page = try String(contentsOfFile: "\(store)/report/index.html", encoding: .utf8)
    #expect(page.contains("wrong, seen by two"))
    // Another picture in the file: the correction holds for it too.
    try scratch.write(FaceSet(seed: 8).pgm(person: 1, picture: 1), to: "faces/s1/1.pgm")
    let again = try Tool.prep.run(
      "ingest", scratch.file("faces"), "--out", store, "--size", "24x28", "--dataset", "folder",
      "--refresh")
    #expect(again.code == 3, "\(again.error)")
    #expect(try identity("s1/1.pgm") == ["s2"])
    #expect(try correct("path,action\ns1/1.pgm,restore\ns3/2.pgm,restore\n").code == 0)
    #expect(try identity("s1/1.pgm") == ["s1"] && identity("s3/2.pgm") == ["s3"])
    #expect(try query("SELECT path FROM corrections").isEmpty)
    #expect(try Tool.prep.run("verify", "--out", store).code == 0)
  }

  @Test(
    "are refused in a list with a mistake, by line, and then nothing changes",
    arguments: [
      ("path,action\ns1/1.pgm,exclude\nnot/there.pgm,exclude\n", "no image not/there.pgm"),
      ("path,action,identity\ns1/1.pgm,relabel,\n", "line 2"),
      ("path,action,identity\ns1/1.pgm,exclude,s2\n", "line 2"),
      ("path,action\ns1/1.pgm,delete\n", "none of relabel"),
      ("path,action\ns1/1.pgm,exclude\ns1/1.pgm,restore\n", "line 3"),
      ("path,verb\ns1/1.pgm,exclude\n", "heading"),
      ("path,action,colour\ns1/1.pgm,exclude,red\n", "colour"),
      ("path,action\n\"s1/1.pgm,exclude\n", "line 2"),
      ("path,action,dataset\ns1/1.pgm,exclude,lfw\n", "no dataset lfw"),
      ("", "heading"),
    ])
  func badLists(text: String, words: String) throws {
    let outcome = try correct(text)
    #expect(outcome.code != 0)
    #expect((outcome.error + outcome.output).contains(words), "\(outcome.output)")
    #expect(try query("SELECT path FROM corrections").isEmpty)
    #expect(try query("SELECT path FROM samples WHERE path = 's1/1.pgm'").count == 1)
  }
}
