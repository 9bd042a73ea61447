import Configuration
import Foundation
import TestSupport
import Testing

@testable import Datasets
@testable import Ingest

@Suite("A dataset's layout")
struct LayoutTests {
  private let folder: TemporaryFolder
  private let manifests: [DatasetManifest]

  init() throws {
    folder = try TemporaryFolder()
    manifests = try DatasetManifest.all(in: "\(Surroundings.root)/manifests/datasets")
  }

  private func scan(_ name: String? = nil) throws -> SourceScan {
    try SourceScan(
      root: folder.path, dataset: manifests.first { $0.name == name }, manifests: manifests)
  }

  @Test("is recognised as ORL when every picture is named like ORL's")
  func recognisesORL() throws {
    for name in ["s10/1.pgm", "s2/10.pgm", "s2/9.pgm", "README"] { try folder.write([1], to: name) }
    let scan = try scan()
    #expect(scan.manifest.name == "orl")
    #expect(scan.isRecognised)
    let entries = Array(try scan.entries())
    #expect(entries.map(\.path) == ["s10/1.pgm", "s2/10.pgm", "s2/9.pgm"])
    #expect(entries.map(\.identity) == ["s10", "s2", "s2"])
    #expect(entries.map(\.number) == [1, 10, 9])
    #expect(scan.ignored.names == ["README"])
  }

  @Test("is a folder an identity otherwise")
  func recognisesFolders() throws {
    for name in ["Ann Lee/a.JPG", "Bob/deep/b.png", "Bob/notes.txt", "s1/1.pgm"] {
      try folder.write([1], to: name)
    }
    let scan = try scan()
    #expect(scan.manifest.name == "folder")
    #expect(Array(try scan.entries()).map(\.identity) == ["Ann Lee", "Bob", "s1"])
    #expect(scan.ignored.names == ["Bob/notes.txt"])
  }

  @Test("is refused where there is nothing to take")
  func refusesEmpty() throws {
    #expect(throws: DatasetError.self) { try scan() }
    try folder.write([1], to: "README")
    #expect(throws: DatasetError.self) { try scan() }
    try folder.write([1], to: "alone.jpg")
    do {
      _ = try SourceScan(root: folder.path, dataset: nil, manifests: manifests)
      Issue.record("a picture without an identity was taken")
    } catch {
      guard case DatasetError.unrecognised(_, "alone.jpg") = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test("does not run in circles of links")
  func survivesLinkLoops() throws {
    try folder.write([1], to: "a/1.png")
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("a/up"), withDestinationPath: "..")
    #expect(Array(try scan().entries()).map(\.path) == ["a/1.png"])
  }

  @Test("is recognised as LFW and as CFP, whose poses and fiducials it tells")
  func recognisesFaces() throws {
    for name in ["Ann_Lee/Ann_Lee_0001.jpg", "Bo/Bo_0002.jpg"] { try folder.write([1], to: name) }
    #expect(try scan().manifest.name == "lfw")
    let other = try TemporaryFolder()
    for name in [
      "Data/Images/001/frontal/01.jpg", "Data/Images/001/profile/02.jpg",
      "Data/Fiducials/001/frontal/01.txt", "Data/list_name.txt",
    ] {
      try other.write([1], to: name)
    }
    func cfp(_ root: String, pose: String? = nil) throws -> SourceScan {
      try SourceScan(root: root, dataset: nil, manifests: manifests, pose: pose)
    }
    for root in [other.path, other.file("Data"), other.file("Data/Images")] {
      let scan = try cfp(root)
      #expect(scan.manifest.name == "cfpw")
      let entries = Array(try scan.entries())
      #expect(entries.map(\.pose) == ["frontal", "profile"])
      #expect(
        FiducialFile.points(beside: entries[0], scan.manifest) == .unusable
          && FiducialFile.points(beside: entries[1], scan.manifest) == .none)
    }
    let frontal = try cfp(other.path, pose: "frontal")
    #expect(frontal.images == 1 && frontal.otherPoses == 1)
    #expect(Array(try frontal.entries()).map(\.number) == [1])
    #expect(throws: DatasetError.self) {
      try SourceScan(root: folder.path, dataset: nil, manifests: manifests, pose: "frontal")
    }
  }

  @Test("tells when most images follow a layout of its own and some do not")
  func closest() throws {
    for number in 1...30 { try folder.write([1], to: "s1/\(number).pgm") }
    // As many as sixteen, and before the others in the order of the walk.
    for number in 1...16 { try folder.write([1], to: "a\(number)/extra.jpg") }
    let scan = try scan()
    #expect(scan.manifest.name == "folder")
    #expect(
      scan.closest
        == ClosestLayout(layout: "orl", fitting: 30, misfits: 16, misfit: "a1/extra.jpg"))
  }

  @Test("that two manifests fit is refused")
  func refusesTwo() throws {
    try folder.write([1], to: "Ann_Lee/Ann_Lee_0001.jpg")
    let yaml = """
      name: mine
      title: Mine
      pattern: "{identity}/{any}.jpg"
      extensions: [jpg]
      sample: {size: 8, color: gray, resample: lanczos}
      """
    let mine = try DatasetManifest(yaml: yaml, path: "mine.yaml")
    #expect(throws: DatasetError.self) {
      try SourceScan(root: folder.path, dataset: nil, manifests: manifests + [mine])
    }
  }

  @Test("gives the fiducials of an image as points, and knows what are none")
  func fiducials() {
    #expect(
      FiducialFile.parse(Array("27.565, 87.906\r\n30.151,101.87\n".utf8))
        == .points("[[27.565,87.906],[30.151,101.87]]"))
    for text in ["", "1,2,3", "1 2", "a,b", "nan,1"] {
      #expect(FiducialFile.parse(Array(text.utf8)) == .unusable)
    }
  }

  @Test("is walked in the order of the bytes of its paths, names of any bytes among them")
  func order() throws {
    for name in [
      "a/1.pgm", "a.b/1.pgm", "a b/1.pgm", "A/1.pgm", "aa/1.pgm", "quo\"te's/new\nline.pgm",
    ] {
      try folder.write([1], to: name)
    }
    // A name that is no UTF-8, and one that is what the first would be written as.
    let raw =
      Array("\(folder.path)/a/".utf8).map { CChar(bitPattern: $0) } + [-1] + [
        0x2E, 0x70, 0x67, 0x6D, 0,
      ]
    let descriptor = open(raw, O_CREAT | O_WRONLY, 0o644)
    #expect(write(descriptor, "x", 1) == 1)
    close(descriptor)
    let paths = Array(try scan().entries()).map(\.path)
    #expect(
      paths == [
        "A/1.pgm", "a b/1.pgm", "a.b/1.pgm", "a/1.pgm", "a/%FF.pgm", "aa/1.pgm",
        "quo\"te's/new\nline.pgm",
      ])
    try folder.write([1], to: "a/%FF.pgm")
    let both = Array(try scan().entries()).map(\.path)
    #expect(Set(both).count == 8 && both.contains("a/%00%FF.pgm") && both.contains("a/%FF.pgm"))
  }

  @Test("notes folders with nothing in them")
  func emptyFolders() throws {
    try folder.write([1], to: "s1/1.pgm")
    try FileManager.default.createDirectory(
      atPath: folder.file("s2"), withIntermediateDirectories: true)
    #expect(try scan().emptyFolders.names == ["s2/"])
  }

  @Test("of one's own names its parts in a pattern")
  func patterns() throws {
    let pattern = try PathPattern(
      "Images/{identity:[0-9]{3}}/{pose:frontal|profile}/{number:[0-9]+}.jpg",
      extensions: ["jpg"], manifest: "m.yaml")
    #expect(
      pattern.match("Images/042/profile/03.jpg")
        == PathPattern.Match(identity: "042", pose: "profile", number: 3))
    for other in [
      "Images/42/profile/03.jpg", "Images/042/left/03.jpg", "Images/042/profile/03xjpg",
    ] {
      #expect(pattern.match(other) == nil)
    }
  }

  @Test("compares code points: a name may begin with a combining mark, and NFC is not NFD")
  func codePoints() throws {
    let pattern = try PathPattern(
      "{identity}/{identity}_{number:[0-9]+}.jpg", extensions: ["jpg"], manifest: "m.yaml")
    let mark = "\u{301}a"
    #expect(pattern.match("\(mark)/\(mark)_1.jpg")?.identity.utf8.elementsEqual(mark.utf8) == true)
    #expect(pattern.match("e\u{301}/e\u{301}_1.jpg") != nil)
    #expect(pattern.match("\u{E9}/e\u{301}_1.jpg") == nil)
    #expect(pattern.match("\u{1F600}/\u{1F600}_2.JPG")?.number == 2)
  }

  @Test(
    "is refused when its manifest is wrong",
    arguments: [
      "name: x",
      "name: x\ntitle: t\npattern: \"{name}/x\"\nextensions: [a]\nsample: {size: 8, color: rgb, resample: lanczos}",
      "name: x\ntitle: t\npattern: \"{identity}\"\nextensions: [a]\nsample: {size: 0, color: rgb, resample: lanczos}",
      "name: x\ntitle: t\npattern: \"{identity}\"\nextensions: [a]\nsample: {size: 8, color: red, resample: lanczos}",
    ])
  func refusesBadManifests(yaml: String) {
    #expect(throws: ConfigurationError.self) { try DatasetManifest(yaml: yaml, path: "m.yaml") }
  }
}
