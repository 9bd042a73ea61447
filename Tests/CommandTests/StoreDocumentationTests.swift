import Catalog
import Foundation
import GRDB
import SyntheticFaces
import TestSupport
import Testing

/// What Documentation/Store.md and the README say of a store, done by others' libraries.
@Suite("The documentation of the store", .serialized)
struct StoreDocumentationTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
    try FaceSet(seed: 0).write(to: scratch.file("faces"), people: 6, pictures: 3)
    // Everything a digest has: a rejection, a copy that is dropped, squares, missing numbers.
    try scratch.write(Array("no picture".utf8), to: "faces/s1/9.pgm")
    try scratch.write(FaceSet(seed: 0).pgm(person: 1, picture: 1), to: "faces/s2/8.pgm")
    try scratch.write(FaceSet(seed: 3).pgm(person: 1, picture: 1), to: "faces/Zo\u{EB}/x.pgm")
  }

  private var store: String { scratch.file("out") }

  private func python(_ arguments: String..., in folder: String? = nil) throws -> String {
    let command = ([Surroundings.python] + arguments).map { "'\($0)'" }.joined(separator: " ")
    let outcome = try Tool(path: "/bin/bash").run(
      "-c", "cd '\(folder ?? scratch.path)' && \(command)")
    #expect(outcome.code == 0, "\(outcome.error)")
    return outcome.output
  }

  @Test(
    "lets Python read the samples and compute the digest as it is described",
    .enabled(if: Surroundings.hasPython, "needs the Python of Tests/requirements.txt"))
  func reads() throws {
    let made = try Tool.prep.run(
      "ingest", scratch.file("faces"), "--out", store, "--crop", "dlib", "--drop-duplicates",
      "--dataset", "folder", "--json")
    #expect(made.code == 3, "\(made.error)")
    _ = try python(
      "\(Surroundings.root)/Tests/CommandTests/Scripts/store_documentation.py",
      "\(Surroundings.root)/Documentation/Store.md", scratch.path)
    let read = try python("reader.py")
    #expect(read.split(separator: "\n").count == 19)
    #expect(read.contains("(105, 105, 3)"))
    func digests() throws -> (String, String) {
      let stats = try Tool.prep.run("stats", "--out", store, "--json")
      return (
        stats.summary["digest"] as? String ?? "",
        try python("digest.py", store).trimmingCharacters(in: .whitespacesAndNewlines)
      )
    }
    let (ours, theirs) = try digests()
    #expect(ours == theirs && ours.count == 64)
    // Both see every change.
    try DatabaseQueue(path: "\(store)/catalog.sqlite").write {
      try $0.execute(sql: "UPDATE sample SET number = 1000, width = 1 WHERE row = 0")
    }
    let (changed, seen) = try digests()
    #expect(changed == seen && changed != ours)
  }

  @Test(
    "opens in Python and sqlite3 as the guide says",
    .enabled(if: Surroundings.hasPython, "needs the Python of Tests/requirements.txt"))
  func guide() throws {
    let made = try Tool.prep.run(
      "ingest", scratch.file("faces"), "--out", store, "--size", "24x28", "--dataset", "folder")
    #expect(made.code == 3, "\(made.error)")
    let pairs = try Tool.prep.run(
      "pairs", "--out", store, "--split", "identity", "--train", "0.5", "--name", "p")
    #expect(pairs.code == 0, "\(pairs.error)")
    let printed = try python(
      "\(Surroundings.root)/Tests/CommandTests/Scripts/python_guide.py",
      "\(Surroundings.root)/Documentation/Python.md", "p", in: scratch.path)
    let counts = printed.split(separator: " ").compactMap {
      Int($0.trimmingCharacters(in: .newlines))
    }
    // 6 people of 3, one of 1, and a copy; one bad file.
    #expect(counts.count == 8 && counts[0] == 20 && counts[1] > 0 && counts[3] == 5)
    #expect(counts[4] == 10 && counts[7] == 1)
  }

  @Test("stands beside another store: what is in one and not in the other")
  func comparison() throws {
    func ingest(_ out: String, _ more: String...) throws {
      let made = try Tool.prep.run(
        all: ["ingest", scratch.file("faces"), "--out", out, "--dataset", "folder", "--quiet"]
          + more)
      #expect(made.code == 3, "\(made.error)")
    }
    try ingest(store, "--size", "24x28")
    try FileManager.default.removeItem(atPath: scratch.file("faces/s3/1.pgm"))
    try scratch.write(FaceSet(seed: 5).pgm(person: 1, picture: 1), to: "faces/s4/1.pgm")
    try scratch.write(FaceSet(seed: 5).pgm(person: 2, picture: 1), to: "faces/s5/new.pgm")
    let other = scratch.file("other")
    try ingest(other, "--size", "24x28")
    let list = try scratch.write(
      Array("path,action,identity\ns2/1.pgm,relabel,s1\n".utf8), to: "list.csv")
    #expect(try Tool.prep.run("correct", list, "--out", other).code == 0)
    let outcome = try Tool.prep.run("stats", "--out", store, "--compare", other, "--json")
    let found = try #require(outcome.summary["comparison"] as? [String: Any])
    func paths(_ key: String) -> [String] {
      let entries = found[key] as? [String: Any]
      return (entries?["first"] as? [[String: String]] ?? []).compactMap { $0["path"] }
    }
    #expect(paths("only_here") == ["s3/1.pgm"] && paths("only_there") == ["s5/new.pgm"])
    #expect(paths("other_bytes") == ["s4/1.pgm"] && paths("other_identity") == ["s2/1.pgm"])
    #expect(paths("other_pixels").isEmpty && found["same"] as? Int == 18)
    let again = scratch.file("again")
    try ingest(again, "--size", "32x32")
    let pixels = try Tool.prep.run("stats", "--out", other, "--compare", again, "--json")
    let differing = try #require(pixels.summary["comparison"] as? [String: Any])
    #expect(differing["same"] as? Int == 0)
    #expect((differing["settings"] as? [String: [String]])?["width"] == ["24", "32"])
  }

  @Test("names views and columns that are there, and the README's queries run")
  func views() throws {
    #expect(try Tool.prep.run("ingest", scratch.file("faces"), "--out", store).code == 3)
    _ = try Tool.prep.run("pairs", "--out", store, "--split", "identity")
    let catalog = try DatabaseQueue(path: "\(store)/catalog.sqlite")
    let readme = try String(contentsOfFile: "\(Surroundings.root)/README.md", encoding: .utf8)
    let queries = readme.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { $0.hasPrefix("SELECT ") }
    #expect(queries.count >= 3)
    for query in queries {
      let rows = try catalog.read { try Row.fetchAll($0, sql: query) }
      #expect(!rows.isEmpty, "\(query)")
    }
    let text = try String(
      contentsOfFile: "\(Surroundings.root)/Documentation/Store.md", encoding: .utf8
    ).replacing("\n", with: " ")
    // As `pairs(protocol, fold, ...)`: every column of every view that is written so.
    let views = text.matches(of: /`([a-z_]+)\(([a-z_0-9, ]+)\)`/)
    #expect(views.count >= 8)
    for view in views {
      let (name, columns) = (String(view.1), String(view.2))
      guard name != "store", name != "shard" else { continue }
      let quoted = columns.split(separator: ",").map {
        "\"\($0.trimmingCharacters(in: .whitespaces))\""
      }
      let found = try catalog.read { database in
        try database.columns(in: name).map { "\"\($0.name)\"" }
      }
      #expect(found == quoted, "\(name)")
    }
    let sides = try catalog.read {
      try Row.fetchAll(
        $0, sql: "SELECT role, count(*) FROM members GROUP BY role ORDER BY role")
    }
    #expect(sides.map { $0[0] as String } == ["test", "train"])
  }

  @Test(
    "has commands that all run, on drawn faces and on the real data sets",
    .enabled(
      if: Surroundings.hasPython && Surroundings.hasRealData && Surroundings.hasStorageServer,
      "needs Python, real data and the S3 server"))
  func commands() throws {
    try FaceSet(seed: 0).write(to: scratch.file("people"), people: 40, pictures: 10)
    // The bucket "faces" that the text names is on the server of the tests.
    let outcome = try Tool(path: Surroundings.python).run(
      all: [
        "\(Surroundings.root)/Tests/CommandTests/Scripts/run_documentation.py", Surroundings.root,
        URL(fileURLWithPath: Tool.prep.path).deletingLastPathComponent().path,
        scratch.file("people"), URL(fileURLWithPath: Surroundings.data).standardizedFileURL.path,
      ], environment: StorageServer().environment)
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(outcome.output.hasSuffix(" 0 skipped\n"), "\(outcome.output)")
  }
}
