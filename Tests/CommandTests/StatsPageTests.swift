import Foundation
import GRDB
import Plots
import SyntheticFaces
import TestSupport
import Testing

/// The page of `prep stats`: its figures against a recount, its order, its pictures and its size.
@Suite("The page of a store", .serialized)
struct StatsPageTests {
  private let scratch: TemporaryFolder

  init() throws { scratch = try TemporaryFolder() }

  private var store: String { scratch.file("out") }

  private func prep(_ arguments: [String], code: Int32 = 0) throws {
    let outcome = try Tool.prep.run(all: arguments)
    #expect(outcome.code == code, "\(outcome.error)")
  }

  private func page(_ more: String...) throws -> String {
    try prep(["stats", "--out", store, "--quiet"] + more)
    return try String(contentsOfFile: "\(store)/report/index.html", encoding: .utf8)
  }

  /// Compares every table and figure of the page with a count of its own.
  private func recount() throws -> Int {
    try prep(["stats", "--out", store, "--no-pictures", "--quiet"])
    let counted = try Tool(path: Surroundings.python).run(
      "\(Surroundings.root)/Tests/CommandTests/Scripts/recount.py", store)
    #expect(counted.code == 0, "\(counted.error)")
    return Int(counted.output.trimmingCharacters(in: .newlines)) ?? 0
  }

  /// Photographs with everything a page has: rejects of three kinds, copies, a file of another format.
  private func writeFaces() throws {
    let faces = FaceSet(seed: 21)
    try faces.write(to: scratch.file("faces"), people: 7, pictures: 4)
    try scratch.write(faces.pgm(person: 1, picture: 1), to: "faces/s2/copy.pgm")
    try scratch.write(faces.pgm(person: 3, picture: 1), to: "faces/s3/again.pgm")
    try scratch.write(Array("no picture".utf8), to: "faces/s1/bad.jpg")
    try scratch.write([], to: "faces/s4/empty.pgm")
    try scratch.write(NoisePicture.pgm(1, side: 5), to: "faces/s5/small.pgm")
    try scratch.write(NoisePicture.pgm(2, side: 40), to: "faces/Solo & <i>/noise.pgm")
  }

  @Test(
    "has the figures of an independent count: faces, copies, rejects, folds",
    .enabled(if: Surroundings.hasPython), arguments: [true, false])
  func drawnFaces(drops: Bool) throws {
    try writeFaces()
    try prep(
      ["ingest", scratch.file("faces"), "--out", store, "--crop", "dlib", "--dataset", "folder"]
        + (drops ? ["--drop-duplicates", "--quiet"] : ["--quiet"]), code: 3)
    try prep(["pairs", "--out", store, "--split", "identity", "--train", "0.5", "--quiet"])
    try prep(["pairs", "--out", store, "--split", "identity", "--folds", "2", "--quiet"])
    try prep(["pairs", "--out", store, "--split", "image", "--train", "0.5", "--quiet"])
    #expect(try recount() > 250)
  }

  @Test(
    "has the figures of an independent count on LFW with both views, CFP and ORL",
    .enabled(if: Surroundings.hasPython && Surroundings.hasRealData, "needs Python and real data"),
    arguments: [
      (
        Surroundings.lfw,
        [["--view", "1"], ["--view", "2"]].map {
          $0 + ["--lists", "\(Surroundings.data)/lfw-protocol"]
        }
      ), (Surroundings.cfp, [["--protocol", "cfp-ff"], ["--protocol", "cfp-fp"]]),
      (Surroundings.orl, [["--split", "pairs"]]),
    ])
  func realData(source: String, protocols: [[String]]) throws {
    try prep(["ingest", source, "--out", store, "--size", "32x32", "--quiet"])
    for arguments in protocols { try prep(["pairs", "--out", store, "--quiet"] + arguments) }
    #expect(try recount() > 1_000)
  }

  @Test("begins with the verdict and goes on in its order, with evidence behind each link")
  func order() throws {
    try writeFaces()
    try prep(["ingest", scratch.file("faces"), "--out", store, "--dataset", "folder"], code: 3)
    try prep([
      "pairs", "--out", store, "--split", "image", "--train", "0.5", "--name", "leaky", "--quiet",
    ])
    let page = try page()
    let heads = page.matches(of: /<h2[^>]*>([^<]*)<\/h2>/).map {
      $0.1.replacing("\u{2068}", with: "").replacing("\u{2069}", with: "")
    }
    let expected = [
      "Verdict", "Contact sheet", "Identities of folder",
      "Identities of folder with the most samples", "Original images of folder",
      "Faces in folder", "Brightness of folder", "Contrast of folder", "Sharpness of folder",
      "Pairs of samples that are alike", "Alike under two names", "Alike under one name",
      "Rejected files", "Rejected, file by file", "Protocol leaky", "Who is compared in leaky",
      "Who appears most often in leaky", "Reproduce",
    ]
    #expect(heads.map(String.init) == expected)
    let (ids, links) = (
      Set(page.matches(of: /<h2 id="([^"]+)"/).map { String($0.1) }),
      Set(page.matches(of: /href="#([^"]+)"/).map { String($0.1) })
    )
    #expect(links.isSubset(of: ids) && links.isSuperset(of: ["duplicates", "rejected"]))
    #expect(page.contains("Faces were not looked for"))
    #expect(page.contains("the same bytes") && page.contains("SELECT * FROM findings"))
    // The picture that was too small has a thumbnail, as its decoder read it.
    #expect(page.contains("s5/small.pgm") && page.contains("alt=\"rejected file\""))
    #expect(page.contains("alt=\"original\"") && page.contains("The lowest"))
    #expect(!page.contains("<i>/") && page.contains("&lt;i&gt;"))
  }

  @Test("shows an original only while its file is the one that was stored")
  func changedOriginals() throws {
    try FaceSet(seed: 3).write(to: scratch.file("faces"), people: 2, pictures: 2)
    try prep(["ingest", scratch.file("faces"), "--out", store, "--quiet"])
    #expect(try page().contains("alt=\"original\""))
    for person in 1...2 {
      for picture in 1...2 {
        try scratch.write(
          FaceSet(seed: 4).pgm(person: person, picture: picture),
          to: "faces/s\(person)/\(picture).pgm")
      }
    }
    let page = try page()
    #expect(!page.contains("alt=\"original\"") && page.contains("data:image/jpeg"))
  }

  @Test("stays below five megabytes with large samples of noise, and within 600 pictures")
  func size() throws {
    for number in 0..<90 {
      // Noise of three channels, which takes the most bytes.
      let noise = NoisePicture.pgm(number, side: 700).suffix(3 * 400 * 400)
      let picture = Array("P6 400 400 255\n".utf8) + noise
      try scratch.write(picture, to: "faces/p\(number / 3)/\(number).ppm")
      // Everybody has a copy under another name.
      try scratch.write(picture, to: "faces/q\(number / 3)/\(number).ppm")
    }
    try prep(
      ["ingest", scratch.file("faces"), "--out", store, "--size", "400x400", "--quiet"])
    for seed in 0..<16 {
      try prep(["pairs", "--out", store, "--split", "pairs", "--seed", "\(seed)", "--quiet"])
    }
    let page = try page()
    let pictures = page.matches(of: /src="data:image/).count
    #expect(page.utf8.count < 4_700_000, "\(page.utf8.count)")
    #expect(pictures > 300 && pictures < 600, "\(pictures)")
  }

  @Test("names what was measured of each file", .enabled(if: Surroundings.hasPython))
  func sources() throws {
    let drawn = try Tool(path: Surroundings.python).run(
      "-c",
      """
      import os, sys
      from PIL import Image
      folder = sys.argv[1] + "/anna"
      os.makedirs(folder)
      picture = Image.effect_noise((40, 30), 80)
      picture.save(folder + "/gray.jpg")
      picture.convert("RGB").save(folder + "/color.jpg")
      exif = Image.Exif()
      exif[0x0112] = 6
      picture.convert("RGB").save(folder + "/turned.jpg", exif=exif)
      picture.convert("RGBA").save(folder + "/alpha.png")
      picture.save(folder + "/gray.bmp")
      picture.save(folder + "/one.gif")
      picture.convert("RGB").save(folder + "/web.webp")
      picture.save(folder + "/gray.pgm")
      """, scratch.file("faces"))
    #expect(drawn.code == 0, "\(drawn.error)")
    try prep(["ingest", scratch.file("faces"), "--out", store, "--quiet"])
    let found = try DatabaseQueue(path: "\(store)/catalog.sqlite").read {
      try String.fetchAll(
        $0,
        sql: """
          SELECT path || ' ' || format || ' ' || channels || ' ' || orientation FROM samples
          ORDER BY path
          """)
    }
    // A palette, as in BMP and GIF, has colours.
    #expect(
      found == [
        "anna/alpha.png png 4 1", "anna/color.jpg jpeg 3 1", "anna/gray.bmp bmp 3 1",
        "anna/gray.jpg jpeg 1 1", "anna/gray.pgm ppm 1 1", "anna/one.gif gif 3 1",
        "anna/turned.jpg jpeg 3 6", "anna/web.webp webp 3 1",
      ])
  }

  @Test("has a small picture of what was decoded and rejected, upright and in proportion")
  func thumbnails() throws {
    // Bright on the left, dark on the right; no face.
    let row = (0..<200).map { UInt8($0 < 100 ? 230 : 20) }
    let pixels = (0..<100).flatMap { _ in row }
    try scratch.write(Array("P5 200 100 255\n".utf8) + pixels, to: "faces/a/wide.pgm")
    try scratch.write(NoisePicture.pgm(1, side: 5), to: "faces/a/small.pgm")
    try scratch.write(Array("no picture".utf8), to: "faces/a/none.pgm")
    try FaceSet(seed: 2).write(to: scratch.file("faces"), people: 2, pictures: 2)
    try prep(
      [
        "ingest", scratch.file("faces"), "--out", store, "--crop", "dlib", "--on-missing-face",
        "reject", "--dataset", "folder", "--quiet",
      ], code: 3)
    let found = try DatabaseQueue(path: "\(store)/catalog.sqlite").read {
      try Row.fetchAll(
        $0,
        sql: """
          SELECT path, thumbnail FROM rejection WHERE path LIKE 'a/%' ORDER BY path
          """)
    }
    #expect(found.map { $0[0] as String } == ["a/none.pgm", "a/small.pgm", "a/wide.pgm"])
    #expect(found[0][1] as Data? == nil)
    let small = try #require(Picture.decoded([UInt8](found[1][1] as Data), side: 64))
    #expect(small.width == 5 && small.height == 5)
    let wide = try #require(Picture.decoded([UInt8](found[2][1] as Data), side: 640))
    #expect(wide.width == 64 && wide.height == 32)
    #expect(wide.pixels[16 * 64 + 8] > 200 && wide.pixels[16 * 64 + 56] < 50)
  }

  @Test("has a list that fits conditions, and refuses senseless ones")
  func list() throws {
    for (number, level) in [10, 100, 240].enumerated() {
      let pixels = [UInt8](repeating: UInt8(level), count: 256)
      try scratch.write(Array("P5 16 16 255\n".utf8) + pixels, to: "faces/p\(number)/1.pgm")
    }
    try scratch.write(NoisePicture.pgm(3), to: "faces/p3/1.pgm")
    try prep(
      ["ingest", scratch.file("faces"), "--out", store, "--size", "16x16", "--color", "gray"])
    func paths(_ conditions: String...) throws -> [String] {
      let outcome = try Tool.prep.run(all: ["list", "--out", store] + conditions)
      #expect(outcome.code == 0, "\(outcome.error)")
      return outcome.output.split(separator: "\n").map {
        String($0.split(separator: "\t")[2])
      }
    }
    #expect(try paths("--brightness", "..100") == ["p0/1.pgm", "p1/1.pgm"])
    #expect(try paths("--brightness", "99.5..100") == ["p1/1.pgm"])
    #expect(try paths("--brightness", "200..", "--sharpness", "..0") == ["p2/1.pgm"])
    #expect(try paths("--contrast", "1..") == ["p3/1.pgm"])
    #expect(try paths("--identity", "p0", "--brightness", "50..").isEmpty)
    #expect(try paths("--pose", "frontal").isEmpty)
    for bad in ["50..20", "x", "5", "nan..", ".."] where bad != ".." {
      #expect(try Tool.prep.run("list", "--out", store, "--brightness", bad).code == 64, "\(bad)")
    }
    #expect(try Tool.prep.run("list", "--out", store, "--rejections", "--pose", "x").code == 64)
  }
}
