import Foundation
import IngestTestSupport
import TestSupport
import Testing

@testable import Datasets
@testable import Ingest

/// Folders that lie above the dataset that is meant.
@Suite("A folder one level too high")
struct TooHighTests {
  private let fixture: IngestFixture

  init() throws {
    fixture = try IngestFixture()
  }

  private func write(_ names: String...) throws {
    for name in names { try fixture.scratch.write([1], to: name) }
  }

  @Test("is entered when one known dataset alone lies below it")
  func entersKnown() async throws {
    try write(
      "all/orl/s1/1.pgm", "all/orl/s2/1.pgm", "all/lists/pairs.txt", "all/README", "all/x/note.md")
    let scan = try fixture.scan("all")
    #expect(scan.manifest.name == "orl" && scan.images == 2)
    #expect(scan.root == fixture.scratch.file("all/orl"))
    #expect(scan.enteredFrom == fixture.scratch.file("all"))
  }

  @Test("is refused with their names when several known datasets lie below it")
  func refusesSeveral() async throws {
    try write("all/orl/s1/1.pgm", "all/lfw/Ann_Lee/Ann_Lee_0001.jpg", "all/other/x/1.png")
    do {
      _ = try SourceScan(
        root: fixture.scratch.file("all"), dataset: nil, manifests: fixture.manifests)
      Issue.record("three datasets were taken for one")
    } catch {
      guard case DatasetError.severalDatasets(_, let folders) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(folders.map(\.name) == ["lfw", "orl"] && folders.map(\.layout) == ["lfw", "orl"])
    }
  }

  @Test("is entered, also twice, when its only folder holds the identities")
  func entersOnly() async throws {
    try write("a/b/faces/ann/1.jpg", "a/b/faces/bob/1.jpg", "a/notes.txt")
    let scan = try fixture.scan("a")
    #expect(scan.root == fixture.scratch.file("a/b/faces"))
    #expect(Array(try scan.entries()).map(\.identity) == ["ann", "bob"])
    // One person with one folder of pictures is one person.
    try write("one/ann/1.jpg", "one/ann/2.jpg")
    #expect(try fixture.scan("one").enteredFrom == nil)
    try write("two/ann/day/1.jpg", "two/ann/day/2.jpg")
    #expect(try fixture.scan("two").enteredFrom == nil)
  }

  @Test("is noted when the pictures of every identity lie in folders below its own")
  func notes() async throws {
    try write("x/set1/ann/1.jpg", "x/set1/bob/1.jpg", "x/set2/cem/1.jpg", "x/set2/dan/1.jpg")
    let scan = try fixture.scan("x")
    #expect(scan.enteredFrom == nil && scan.nestedIdentity == "set1")
    try write("x/set3/1.jpg")
    #expect(try fixture.scan("x").nestedIdentity == nil)
  }

  @Test("with many people is not searched for datasets")
  func manyPeople() async throws {
    for person in 0..<80 { try write("many/p\(person)/s1/1.pgm") }
    let scan = try fixture.scan("many")
    #expect(scan.manifest.name == "folder" && scan.images == 80)
  }

  @Test("holds known layouts also where the endings of files are in capitals")
  func capitals() async throws {
    try write("lfw/Ann_Lee/Ann_Lee_0001.JPG", "lfw/Bo/Bo_0002.Jpg")
    let scan = try fixture.scan("lfw")
    #expect(scan.manifest.name == "lfw" && scan.images == 2)
    #expect(Array(try scan.entries()).map(\.number) == [1, 2])
  }
}
