import Foundation
import SyntheticFaces
import TestSupport
import Testing

/// `prep export`, `prep datasets` and the page of `prep stats`, as users give them.
@Suite("What leaves a store", .serialized)
struct ExportCommandTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
    try FaceSet(seed: 3).write(to: scratch.file("faces"), people: 5, pictures: 3)
    // One name with two extensions, and a name that is markup and longer than a name in a tar archive.
    let name = "<b>" + String(repeating: "x", count: 120)
    try FileManager.default.createDirectory(
      atPath: scratch.file("faces/\(name)"), withIntermediateDirectories: true)
    for (number, end) in ["pgm", "PGM"].enumerated() {
      try FileManager.default.copyItem(
        atPath: scratch.file("faces/s\(number + 1)/1.pgm"),
        toPath: scratch.file("faces/\(name)/1.\(end)"))
    }
    try "no picture".write(
      toFile: scratch.file("faces/s1/bad.jpg"), atomically: true, encoding: .utf8)
    let outcome = try Tool.prep.run(
      "ingest", scratch.file("faces"), "--out", store, "--size", "24x28", "--quiet")
    #expect(outcome.code == 3, "\(outcome.error)")
  }

  private var store: String { scratch.file("out") }

  /// The pixels' SHA-256 of each sample, by path, as the store lists them.
  private func stored() throws -> [String: String] {
    let lines = try Tool.prep.run("list", "--out", store, "--json").json
    return Dictionary(
      uniqueKeysWithValues: lines.compactMap { line in
        guard let path = line["path"] as? String, let sum = line["pixels_sha256"] as? String else {
          return nil
        }
        return (path, sum)
      })
  }

  @Test(
    "is read by webdataset and by Pillow with the store's pixels",
    .enabled(if: Surroundings.hasPython), arguments: ["webdataset", "folder"])
  func pixels(format: String) throws {
    let folder = scratch.file("exported")
    let outcome = try Tool.prep.run(
      "export", folder, "--out", store, "--format", format, "--json", "--quiet")
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(outcome.summary["samples"] as? Int == 17)
    let read = try Tool(path: Surroundings.python).run(
      "\(Surroundings.root)/Tests/CommandTests/Scripts/read_export.py", folder, format)
    #expect(read.code == 0, "\(read.error)")
    let found = Dictionary(
      uniqueKeysWithValues: read.json.compactMap { line in
        (line["path"] as? String).map { ($0, line["sha256"] as? String ?? "") }
      })
    #expect(try found == stored() && found.count == 17)
    // Twice the same bytes.
    let sums = try sums(folder)
    _ = try Tool.prep.run("export", folder, "--out", store, "--format", format, "--quiet")
    #expect(try self.sums(folder) == sums && !sums.isEmpty)
  }

  @Test("stays in its folder where a dataset has further folders")
  func furtherFolders() throws {
    let names = ["near/by/one/ann/1.pgm", "near/by/one/_parent/1.pgm", "two/ann/1.pgm"]
    for (number, name) in names.enumerated() {
      try scratch.write(NoisePicture.pgm(number, side: 16), to: name)
    }
    let (out, folder) = (scratch.file("joined"), scratch.file("within/an/export"))
    let made = try Tool.prep.run(
      "ingest", scratch.file("near/by/one"), scratch.file("two"), "--out", out, "--dataset",
      "folder", "--size", "16", "--quiet")
    #expect(made.code == 0, "\(made.error)")
    let outcome = try Tool.prep.run("export", folder, "--out", out, "--format", "folder", "--quiet")
    #expect(outcome.code == 0, "\(outcome.error)")
    let pictures = [
      "folder/__parent/1.pgm.png", "folder/_parent/_parent/_parent/two/ann/1.pgm.png",
      "folder/ann/1.pgm.png",
    ]
    #expect(
      scratch.contents(of: "within").filter { $0.hasSuffix(".png") }
        == pictures.map { "an/export/\($0)" })
    let listed = try String(contentsOfFile: "\(folder)/samples.jsonl", encoding: .utf8)
      .split(separator: "\n").map {
        try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
      }
    #expect(listed.compactMap { $0["file"] as? String }.sorted() == pictures)
    #expect(listed.contains { $0["path"] as? String == "../../../two/ann/1.pgm" })
  }

  private func export(_ folder: String, _ format: String) throws -> Int? {
    let outcome = try Tool.prep.run(
      "export", folder, "--out", store, "--format", format, "--json", "--quiet")
    #expect(outcome.code == 0, "\(outcome.error)")
    return outcome.summary["removed"] as? Int
  }

  @Test(
    "has no picture of an earlier export that is not in the store any more, and other files stay")
  func removesPictures() throws {
    let folder = scratch.file("again")
    // A list of another program does not lead to the user's files.
    try scratch.write([1], to: "again/mine.png")
    try scratch.write(
      Array(
        #"{"file":"mine.png","dataset":"d","path":"mine.png","shard":"00000.safetensors"}"#.utf8),
      to: "again/samples.jsonl")
    #expect(try export(folder, "folder") == 0)
    #expect(scratch.contents(of: "again").count { $0.hasSuffix("/s2/1.pgm.png") } == 1)
    let dataset = try #require(scratch.contents(of: "again").first { !$0.contains(".") })
    try scratch.write([1], to: "again/\(dataset)/s3/own.png")
    let list = try scratch.write(
      Array("path,action\ns1/1.pgm,exclude\n".utf8), to: "list.csv")
    #expect(try Tool.prep.run("correct", list, "--out", store).code == 0)
    #expect(try Tool.prep.run("forget", "s2", "s3", "--out", store).code == 0)
    #expect(try export(folder, "folder") == 7)
    let files = scratch.contents(of: "again")
    #expect(!files.contains { $0.contains("/s2") || $0.hasSuffix("/s1/1.pgm.png") }, "\(files)")
    #expect(files.filter { $0.contains("/s3/") } == ["\(dataset)/s3/own.png"])
    #expect(files.contains("mine.png") && files.count { $0.hasSuffix("/s1/2.pgm.png") } == 1)
    #expect(try export(folder, "folder") == 0)
  }

  @Test("has no archive of an earlier export whose samples are gone, and other archives stay")
  func removesArchives() throws {
    try scratch.write(FaceSet(seed: 4).pgm(person: 8, picture: 1), to: "faces/s8/1.pgm")
    let added = try Tool.prep.run(
      "ingest", scratch.file("faces"), "--out", store, "--size", "24x28", "--quiet")
    #expect([0, 3].contains(added.code), "\(added.error)")
    let folder = scratch.file("archives")
    #expect(try export(folder, "webdataset") == 0)
    try scratch.write([1], to: "archives/samples-000007.tar")
    let names = ["samples-000000.tar", "samples-000001.tar", "samples-000007.tar", "samples.jsonl"]
    #expect(scratch.contents(of: "archives") == names)
    #expect(try Tool.prep.run("forget", "s8", "--out", store).code == 0)
    #expect(try export(folder, "webdataset") == 1)
    #expect(scratch.contents(of: "archives") == names.filter { $0 != "samples-000001.tar" })
    // In the other form the archives are those of an earlier export.
    #expect(try export(folder, "folder") == 1)
    #expect(!scratch.contents(of: "archives").contains("samples-000000.tar"))
  }

  // Trap: channels in another order. Pillow reads the exported picture as red, green, blue.
  @Test("keeps red left and blue right", .enabled(if: Surroundings.hasPython))
  func colours() throws {
    var picture = Array("P6 32 32 255\n".utf8)
    for _ in 0..<32 {
      for x in 0..<32 { picture += x < 16 ? [255, 0, 0] : [0, 0, 255] }
    }
    try scratch.write(picture, to: "colours/anna/1.ppm")
    let (out, folder) = (scratch.file("coloured"), scratch.file("png"))
    let made = try Tool.prep.run(
      "ingest", scratch.file("colours"), "--out", out, "--size", "16x16", "--quiet")
    #expect(made.code == 0, "\(made.error)")
    _ = try Tool.prep.run("export", folder, "--out", out, "--format", "folder", "--quiet")
    let read = try Tool(path: Surroundings.python).run(
      "-c",
      """
      import glob, sys
      from PIL import Image
      image = Image.open(glob.glob(sys.argv[1] + "/*/anna/*.png")[0])
      print(image.mode, image.getpixel((1, 8)), image.getpixel((14, 8)))
      """, folder)
    #expect(read.output == "RGB (255, 0, 0) (0, 0, 255)\n", "\(read.error)")
  }

  private func sums(_ folder: String) throws -> String {
    try Tool(path: "/bin/bash").run(
      "-c", "cd '\(folder)' && find . -type f | sort | xargs -d '\\n' sha256sum"
    ).output
  }

  @Test(
    "has a card and a description that mlcroissant accepts", .enabled(if: Surroundings.hasPython))
  func card() throws {
    let made = try Tool.prep.run("pairs", "--out", store, "--split", "identity", "--quiet")
    #expect(made.code == 0, "\(made.error)")
    let outcome = try Tool.prep.run("card", "--out", store, "--json")
    #expect(outcome.code == 0, "\(outcome.error)")
    let read = try Tool(path: Surroundings.python).run(
      "\(Surroundings.root)/Tests/CommandTests/Scripts/read_card.py", "\(store)/card")
    #expect(read.code == 0, "\(read.error)")
    let lines = read.output.split(separator: "\n")
    #expect(lines.first == "17 samples" && lines.contains("1 shards have their SHA-256"))
    let card = try String(contentsOfFile: "\(store)/card/README.md", encoding: .utf8)
    #expect(card.hasPrefix("---\npretty_name: ") && card.contains("- n<1K\n---"))
  }

  @Test(
    "has a card whose pairs name the dataset of each image", .enabled(if: Surroundings.hasPython))
  func cardOfTwoDatasets() throws {
    let out = scratch.file("both")
    for (seed, dataset) in [(4, "folder"), (6, "orl")] {
      try FaceSet(seed: seed).write(to: scratch.file(dataset), people: 4, pictures: 3)
      let made = try Tool.prep.run(
        "ingest", scratch.file(dataset), "--dataset", dataset, "--out", out, "--size", "24x28",
        "--color", "rgb", "--quiet")
      #expect(made.code == 0, "\(made.error)")
    }
    let made = try Tool.prep.run("pairs", "--out", out, "--split", "identity", "--quiet")
    #expect(made.code == 0, "\(made.error)")
    #expect(try Tool.prep.run("card", "--out", out).code == 0)
    let read = try Tool(path: Surroundings.python).run(
      "\(Surroundings.root)/Tests/CommandTests/Scripts/read_card.py", "\(out)/card")
    #expect(read.code == 0, "\(read.error)")
    #expect(read.output.hasPrefix("24 samples\n"))
  }

  @Test("tells of each dataset where it comes from and how to cite it")
  func datasets() throws {
    let lines = try Tool.prep.run("datasets", "--json").json
    let lfw = try #require(lines.first { $0["name"] as? String == "lfw" })
    #expect(lfw["samples"] as? Int == 13_233 && lfw["identities"] as? Int == 5_749)
    #expect((lfw["citation"] as? String)?.contains("07-49") == true && lfw["source"] is String)
    let text = try Tool.prep.run("datasets").output
    #expect(text.contains("lfw: Labeled Faces in the Wild") && text.contains("MD5 of pairs.txt"))
  }

  @Test("is counted on a page that shows pictures, or none, and escapes names")
  func page() throws {
    let outcome = try Tool.prep.run("stats", "--out", store, "--json")
    #expect(outcome.code == 0, "\(outcome.error)")
    let page = try String(contentsOfFile: "\(store)/report/index.html", encoding: .utf8)
    #expect(page.contains("data:image/jpeg") && !page.contains("<b>x"))
    #expect(page.contains("<b>17</b> samples") && page.contains("<b>6</b> identities"))
    #expect(page.contains("<b>1</b> rejected") && page.contains("1 file is not among the samples"))
    for forbidden in ["http", "<script", "@import", "url("] { #expect(!page.contains(forbidden)) }
    #expect(page.contains("<title>out: dataset statistics</title>"))
    let bare = try Tool.prep.run("stats", "--out", store, "--no-pictures")
    #expect(bare.code == 0)
    let shared = try String(contentsOfFile: "\(store)/report/index.html", encoding: .utf8)
    #expect(!shared.contains("data:image"))
  }
}
