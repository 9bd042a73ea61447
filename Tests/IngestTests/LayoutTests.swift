import Foundation
import TestSupport
import Testing

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
    #expect(scan.entries.map(\.path) == ["s10/1.pgm", "s2/10.pgm", "s2/9.pgm"])
    #expect(scan.entries.map(\.identity) == ["s10", "s2", "s2"])
    #expect(scan.entries.map(\.number) == [1, 10, 9])
    #expect(scan.ignored == ["README"])
  }

  @Test("is a folder an identity otherwise")
  func recognisesFolders() throws {
    for name in ["Ann Lee/a.JPG", "Bob/deep/b.png", "Bob/notes.txt", "s1/1.pgm"] {
      try folder.write([1], to: name)
    }
    let scan = try scan()
    #expect(scan.manifest.name == "folder")
    #expect(scan.entries.map(\.identity) == ["Ann Lee", "Bob", "s1"])
    #expect(scan.ignored == ["Bob/notes.txt"])
  }

  @Test("is refused where there is nothing to take")
  func refusesEmpty() throws {
    #expect(throws: IngestError.self) { try scan() }
    try folder.write([1], to: "README")
    #expect(throws: IngestError.self) { try scan() }
    try folder.write([1], to: "alone.jpg")
    do throws(IngestError) {
      _ = try SourceScan(root: folder.path, dataset: nil, manifests: manifests)
      Issue.record("a picture without an identity was taken")
    } catch {
      guard case .unrecognised(_, "alone.jpg") = error else {
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
    #expect(try scan().entries.map(\.path) == ["a/1.png"])
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

  @Test(
    "is refused when its manifest is wrong",
    arguments: [
      "name: x",
      "name: x\ntitle: t\npattern: \"{name}/x\"\nextensions: [a]\nsample: {size: 8, color: rgb, resample: lanczos}",
      "name: x\ntitle: t\npattern: \"{identity}\"\nextensions: [a]\nsample: {size: 0, color: rgb, resample: lanczos}",
      "name: x\ntitle: t\npattern: \"{identity}\"\nextensions: [a]\nsample: {size: 8, color: red, resample: lanczos}",
    ])
  func refusesBadManifests(yaml: String) {
    #expect(throws: IngestError.self) { try DatasetManifest(yaml: yaml, path: "m.yaml") }
  }
}
