import Catalog
import Foundation
import SyntheticFaces
import TestSupport
import Testing

/// `prep ingest` and its companions as users run them, with what goes wrong on their machines.
@Suite("prep ingest", .serialized)
struct IngestCommandTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
  }

  private var store: String { scratch.file("out") }

  private func ingest(_ root: String, _ arguments: String...) throws -> Tool.Outcome {
    try Tool.prep.run(
      all: ["ingest", scratch.file(root), "--out", store, "--json"] + arguments)
  }

  private func digest(_ folder: String) throws -> String {
    try Catalog.open(StoreFolder(path: folder)).digest()
  }

  @Test("names of any kind are stored, listed and opened; two that differ only in case are two")
  func names() throws {
    let names = [
      "Ann Lee/a b.pgm", "quo\"te's/x.pgm", "new\nline/1.pgm", "tab\tbed/1.pgm", "case/A.pgm",
      "case/a.pgm", "Zoë/é.pgm", "-dash/--help.pgm", "100%/1.pgm",
    ]
    for (number, name) in names.enumerated() {
      try scratch.write(NoisePicture.pgm(number), to: "faces/\(name)")
    }
    let raw =
      Array(scratch.file("faces/case/").utf8).map { CChar(bitPattern: $0) }
      + [-1, -2, 0x2E, 0x70, 0x67, 0x6D, 0]
    let bytes = NoisePicture.pgm(99)
    let descriptor = open(raw, O_CREAT | O_WRONLY, 0o644)
    #expect(write(descriptor, bytes, bytes.count) == bytes.count)
    close(descriptor)
    let outcome = try ingest("faces")
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(outcome.summary["samples"] as? Int == 10)
    let listed = try Tool.prep.run("list", "--out", store, "--json")
    let paths = listed.json.dropLast().compactMap { $0["path"] as? String }
    #expect(Set(paths) == Set(names + ["case/%FF%FE.pgm"]))
    // For people a name stays on its line.
    let text = try Tool.prep.run("list", "--out", store)
    #expect(text.output.split(separator: "\n").count == 10)
    #expect(text.output.contains("new\\nline"))
    #expect(try ingest("faces").summary["skipped"] as? Int == 10)
  }

  @Test("bad files are rejected by name and reason, the others stored, and the run ends with 3")
  func badFiles() throws {
    try scratch.write(NoisePicture.pgm(1), to: "faces/ann/good.pgm")
    try scratch.write([], to: "faces/ann/empty.jpg")
    try scratch.write(Array("words".utf8), to: "faces/ann/text.jpg")
    // Bytes that begin with the mark of no format. Bytes drawn at random begin with one now and then.
    try scratch.write(
      (0..<900).map { UInt8(truncatingIfNeeded: 165 + 89 * $0 + $0 * $0 / 7) },
      to: "faces/ann/random.png")
    try scratch.write(NoisePicture.pgm(2).prefix(100), to: "faces/ann/cut.pgm")
    try scratch.write(Array("P5\n60000 60000\n255\n".utf8), to: "faces/ann/bomb.pgm")
    try scratch.write(NoisePicture.pgm(3, side: 1), to: "faces/ann/dot.pgm")
    for (link, target) in [("dangling.pgm", "nowhere"), ("loop", "."), ("pipe.pgm", "/dev/null")] {
      try FileManager.default.createSymbolicLink(
        atPath: scratch.file("faces/ann/\(link)"), withDestinationPath: target)
    }
    let outcome = try ingest("faces")
    #expect(outcome.code == 3)
    var reasons: [String: String] = [:]
    for line in outcome.json where line["message_type"] as? String == "rejection" {
      reasons[line["path"] as? String ?? ""] = line["reason"] as? String
    }
    #expect(
      reasons == [
        "ann/empty.jpg": "empty", "ann/text.jpg": "not-an-image", "ann/random.png": "not-an-image",
        "ann/cut.pgm": "truncated", "ann/bomb.pgm": "too-large", "ann/dot.pgm": "too-small",
        "ann/dangling.pgm": "unreadable", "ann/pipe.pgm": "unreadable",
      ])
    #expect(outcome.summary["samples"] as? Int == 1)
    let listed = try Tool.prep.run("list", "--out", store, "--rejections", "--json")
    #expect(listed.summary["lines"] as? Int == 8)
    #expect(try ingest("faces", "--max-bytes", "10").code == 1)
  }

  @Test("a folder without permission is a rejection; the rest is stored")
  func permission() throws {
    try scratch.write(NoisePicture.pgm(1), to: "faces/ann/1.pgm")
    try scratch.write(NoisePicture.pgm(2), to: "faces/bob/1.pgm")
    try scratch.write(NoisePicture.pgm(3), to: "faces/cem/1.pgm")
    let files = FileManager.default
    try files.setAttributes([.posixPermissions: 0o000], ofItemAtPath: scratch.file("faces/bob"))
    try files.setAttributes(
      [.posixPermissions: 0o000], ofItemAtPath: scratch.file("faces/cem/1.pgm"))
    try files.setAttributes([.posixPermissions: 0o777], ofItemAtPath: scratch.path)
    defer {
      try? files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch.file("faces/bob"))
    }
    // Nothing is forbidden to root, so root steps down.
    let arguments = [Tool.prep.path, "ingest", scratch.file("faces"), "--out", store, "--json"]
    let outcome =
      getuid() == 0
      ? try Tool(path: "/usr/bin/setpriv").run(
        all: ["--reuid", "65534", "--clear-groups", "--"] + arguments)
      : try ingest("faces")
    #expect(outcome.code == 3, "\(outcome.error)")
    let rejected = outcome.json.filter { $0["message_type"] as? String == "rejection" }
    #expect(rejected.map { $0["path"] as? String } == ["bob/", "cem/1.pgm"])
    #expect(rejected.allSatisfy { $0["reason"] as? String == "unreadable" })
    #expect(outcome.summary["samples"] as? Int == 1)
  }

  @Test("shares made apart and merged are the store made in one go")
  func shares() throws {
    for number in 0..<2_100 {
      try scratch.write(NoisePicture.pgm(number), to: "faces/p/\(number).pgm")
    }
    #expect(try ingest("faces", "--size", "16", "--color", "gray").code == 0)
    for index in 0..<2 {
      let outcome = try Tool.prep.run(
        "ingest", scratch.file("faces"), "--size", "16", "--color", "gray", "--task", "\(index)/2",
        "--out", scratch.file("part\(index)"))
      #expect(outcome.code == 0, "\(outcome.error)")
    }
    let half = try Tool.prep.run(
      "merge", scratch.file("part1"), "--out", scratch.file("merged"))
    #expect(half.code == 1 && half.error.contains("missing: 0"))
    #expect(!FileManager.default.fileExists(atPath: scratch.file("merged")))
    let itself = try Tool.prep.run(
      "merge", scratch.file("part0"), scratch.file("part1"), "--out", scratch.file("part0"))
    #expect(itself.code == 1 && itself.error.contains("one of the parts"), "\(itself.error)")
    let merged = try Tool.prep.run(
      "merge", scratch.file("part1"), scratch.file("part0"), "--out", scratch.file("merged"),
      "--json")
    #expect(merged.code == 0, "\(merged.error)")
    #expect(merged.summary["digest"] as? String == (try digest(store)))
    let wrong = try Tool.prep.run("ingest", scratch.file("faces"), "--task", "2/2")
    #expect(wrong.code == 64)
  }

  @Test("datasets of different samples are refused together, and stored together when told how")
  func twoDatasets() throws {
    try FaceSet(seed: 0).write(to: scratch.file("orl"), people: 2, pictures: 2)
    try scratch.write(NoisePicture.pgm(1), to: "folder/ann/1.pgm")
    let arguments = ["ingest", scratch.file("orl"), scratch.file("folder"), "--out", store]
    let refused = try Tool.prep.run(all: arguments)
    #expect(refused.code == 1 && refused.error.contains("--resample"))
    #expect(!FileManager.default.fileExists(atPath: store))
    let stored = try Tool.prep.run(
      all: arguments + ["--size", "32", "--color", "gray", "--resample", "bilinear", "--json"])
    #expect(stored.code == 0, "\(stored.error)")
    #expect(stored.summary["samples"] as? Int == 5)
    let other = try Tool.prep.run(
      all: arguments + ["--size", "33", "--color", "gray", "--resample", "bilinear"])
    #expect(other.code == 1 && other.error.contains("another configuration"))
  }

  @Test("the face is cropped where it is found, the middle where it is not, unless that is refused")
  func crops() throws {
    try FaceSet(seed: 0).write(to: scratch.file("faces"), people: 4, pictures: 2)
    try scratch.write(NoisePicture.pgm(1, side: 90), to: "faces/s9/1.pgm")
    let outcome = try ingest("faces", "--crop", "dlib")
    #expect(outcome.code == 0, "\(outcome.error)")
    // ORL's own decimation makes no sample of a square.
    #expect(outcome.error.contains("Lanczos is used instead of decimate"))
    let listed = try Tool.prep.run("list", "--out", store, "--json")
    let faces = listed.json.dropLast().map { $0["faces"] as? Int }
    #expect(faces.count == 9 && faces.count { $0 == 1 } >= 7 && faces.last == 0)
    let rejecting = try Tool.prep.run(
      "ingest", scratch.file("faces"), "--crop", "dlib", "--resample", "lanczos",
      "--on-missing-face", "reject", "--out", scratch.file("strict"), "--json")
    #expect(rejecting.code == 3)
    #expect(
      rejecting.json.contains {
        $0["reason"] as? String == "no-face" && $0["path"] as? String == "s9/1.pgm"
      })
    #expect(try ingest("faces", "--crop-factor", "2").code == 64)
    #expect(try ingest("faces", "--landmarks", "x.dat").code == 64)
  }

  @Test(
    "real photographs of LFW and CFP become Pillow's pixels, with fiducials and faces",
    .enabled(if: Surroundings.hasRealData && Surroundings.hasPython, "needs real data"))
  func realData() throws {
    for (root, dataset, count) in [(Surroundings.lfw, "lfw", 400), (Surroundings.cfp, "cfpw", 400)]
    {
      let out = scratch.file(dataset)
      let outcome = try Tool.prep.run(
        "ingest", root, "--limit", "\(count)", "--out", out, "--json")
      #expect(outcome.code == 0, "\(outcome.error)")
      #expect(outcome.error.contains("recognised as \(dataset)"))
      #expect(outcome.summary["samples"] as? Int == count)
      let python = try Tool(path: Surroundings.python).run(
        "\(Surroundings.root)/Tests/CommandTests/Scripts/read_store.py", out, root)
      #expect(python.output == "\(count) samples agree\n", "\(python.error)")
    }
    let frontal = try Tool.prep.run(
      "ingest", Surroundings.cfp, "--pose", "frontal", "--dry-run", "--json")
    #expect(frontal.summary["images"] as? Int == 5_000)
    let faces = try Tool.prep.run(
      "ingest", Surroundings.lfw, "--limit", "60", "--crop", "dlib", "--out", scratch.file("faces"))
    #expect(faces.code == 0)
    var found = 0
    try Catalog.open(StoreFolder(path: scratch.file("faces"))).forEachSample { sample in
      guard let face = sample.crop?.face else { return }
      found += 1
      // LFW was cut around the face.
      #expect(abs(face.left + face.width / 2 - 125) < 40)
    }
    #expect(found >= 59)
    var points = 0
    try Catalog.open(StoreFolder(path: scratch.file("cfpw"))).forEachSample { sample in
      if sample.fiducials?.split(separator: "[").count == 30 { points += 1 }
    }
    #expect(points == 400)
  }
}
