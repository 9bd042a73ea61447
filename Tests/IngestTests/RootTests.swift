import Catalog
import Foundation
import IngestTestSupport
import TestSupport
import Testing

@testable import Datasets
@testable import Ingest

/// Where a dataset lies: links, copies, folders that were moved and folders that are gone.
@Suite("The folder of a dataset")
struct RootTests {
  private let fixture: IngestFixture

  init() throws {
    fixture = try IngestFixture()
    for number in 0..<12 { try fixture.add(number, to: "faces/p\(number / 3)/\(number).pgm") }
  }

  private func move(_ from: String, _ to: String) throws {
    try FileManager.default.moveItem(
      atPath: fixture.scratch.file(from), toPath: fixture.scratch.file(to))
  }

  @Test("is one folder under a link to it, in the same run and in a later one")
  func links() async throws {
    try FileManager.default.createSymbolicLink(
      atPath: fixture.scratch.file("link"), withDestinationPath: fixture.scratch.file("faces"))
    #expect(try await fixture.ingest("faces", "link").samples == 12)
    #expect(try await fixture.ingest("link").skipped == 12)
    #expect(try await fixture.ingest("faces").samples == 0)
    #expect(try fixture.catalog().counts().samples == 12)
  }

  @Test("that is further and linked is known by its real path")
  func furtherLinks() async throws {
    try fixture.add(50, to: "more/q/1.pgm")
    try FileManager.default.createSymbolicLink(
      atPath: fixture.scratch.file("link"), withDestinationPath: fixture.scratch.file("more"))
    try await fixture.ingest()
    #expect(try await fixture.ingest("more").samples == 1)
    #expect(try await fixture.ingest("link").samples == 0)
  }

  @Test("that vanished keeps other photographs of the same names from being taken for known ones")
  func vanished() async throws {
    try await fixture.ingest()
    try move("faces", "gone")
    for number in 0..<12 { try fixture.add(100 + number, to: "other/p\(number / 3)/\(number).pgm") }
    #expect(await fixture.failure { try await fixture.ingest("other") } == "vanishedRoot")
    // Said to be the moved folder, it is seen not to be.
    let old = fixture.scratch.file("faces")
    #expect(
      await fixture.failure { try await fixture.ingest("other") { $0.movedFrom = old } }
        == "movedDiffers")
    #expect(try fixture.catalog().roots().values.first == old)
    // The real one is taken, and found to hold nothing new.
    let summary = try await fixture.ingest("gone") { $0.movedFrom = old }
    #expect(summary.samples == 0 && summary.skipped == 12)
    #expect(try fixture.catalog().roots().values.first == fixture.scratch.file("gone"))
  }

  @Test("that was moved and lost some files is still told from another")
  func movedPartly() async throws {
    try await fixture.ingest()
    try move("faces", "gone")
    try FileManager.default.removeItem(atPath: fixture.scratch.file("gone/p0"))
    let old = fixture.scratch.file("faces")
    let summary = try await fixture.ingest("gone") { $0.movedFrom = old }
    #expect(summary.missing.count == 3)
    try FileManager.default.createDirectory(
      atPath: fixture.scratch.file("empty"), withIntermediateDirectories: true)
    try fixture.add(1, to: "unlike/x/1.pgm")
    try move("gone", "again")
    let second = fixture.scratch.file("gone")
    #expect(
      await fixture.failure { try await fixture.ingest("unlike") { $0.movedFrom = second } }
        == "movedDiffers")
  }

  @Test("that is a copy of the stored one is refused, not stored twice")
  func copies() async throws {
    try await fixture.ingest()
    try FileManager.default.copyItem(
      atPath: fixture.scratch.file("faces"), toPath: fixture.scratch.file("copy"))
    #expect(await fixture.failure { try await fixture.ingest("copy") } == "copiedRoot")
    #expect(try fixture.catalog().counts().samples == 12)
    // Other photographs under the same names are a further folder.
    for number in 0..<12 { try fixture.add(100 + number, to: "other/p\(number / 3)/\(number).pgm") }
    #expect(try await fixture.ingest("other").samples == 12)
    #expect(await fixture.failure { try await fixture.ingest("copy") } == "copiedRoot")
  }

  @Test("is not written into as a store")
  func storeIsRoot() async throws {
    #expect(await fixture.failure { try await fixture.ingest(into: "faces") } == "storeIsRoot")
    let scan = try fixture.scan()
    let folder = StoreFolder(path: fixture.scratch.file("faces/../faces"))
    #expect(throws: IngestError.self) { try SourceScan.placed([scan], in: nil, store: folder) }
  }

  @Test("that was moved is refused when the paths of further folders begin at it")
  func movedWithFurther() async throws {
    try fixture.add(50, to: "more/q/1.pgm")
    try await fixture.ingest("faces", "more")
    try move("faces", "gone")
    let old = fixture.scratch.file("faces")
    #expect(
      await fixture.failure { try await fixture.ingest("gone") { $0.movedFrom = old } }
        == "movedWithFurtherFolders")
  }

  @Test("that is copied is refused in the very run that takes the first one")
  func copiedInOneRun() async throws {
    try FileManager.default.copyItem(
      atPath: fixture.scratch.file("faces"), toPath: fixture.scratch.file("copy"))
    #expect(await fixture.failure { try await fixture.ingest("faces", "copy") } == "copiedRoot")
  }

  @Test("that is said to have moved from where none was is refused")
  func nothingMoved() async throws {
    try await fixture.ingest()
    try move("faces", "gone")
    let other = fixture.scratch.file("elsewhere")
    #expect(
      await fixture.failure { try await fixture.ingest("gone") { $0.movedFrom = other } }
        == "vanishedRoot")
    try fixture.add(70, to: "s1x/Ann_Lee/Ann_Lee_0001.jpg")
    try fixture.add(71, to: "s1x/Bob_Lee/Bob_Lee_0001.jpg")
    #expect(
      await fixture.failure { try await fixture.ingest("s1x") { $0.movedFrom = other } }
        == "nothingMoved")
    // Said again after it was noted, it is no fault.
    let old = fixture.scratch.file("faces")
    try await fixture.ingest("gone") { $0.movedFrom = old }
    #expect(try await fixture.ingest("gone") { $0.movedFrom = old }.skipped == 12)
  }

  @Test("that moved is known though its first files changed")
  func movedAndChanged() async throws {
    try await fixture.ingest()
    try move("faces", "gone")
    try fixture.add(90, to: "gone/p0/0.pgm", side: 20)
    let old = fixture.scratch.file("faces")
    let summary = try await fixture.ingest("gone") { $0.movedFrom = old }
    #expect(summary.changed.names == ["p0/0.pgm"])
  }

  @Test("with hidden files and folders leaves those alone")
  func hidden() async throws {
    for path in [".checkpoints/1.pgm", "p0/._2.pgm", "__MACOSX/p0/1.pgm", "p1/.cache/1.pgm"] {
      try fixture.add(0, to: "faces/\(path)")
    }
    let scan = try fixture.scan()
    #expect(scan.ignored.count == 4)
    #expect(try await fixture.ingest().samples == 12)
    #expect(try fixture.catalog().counts().identities == 4)
  }

  @Test("that holds a known dataset beside other images is refused rather than half taken")
  func datasetBesideImages() async throws {
    for number in 0..<3 {
      try fixture.add(20 + number, to: "faces/lfw/Ann_Lee/Ann_Lee_000\(number + 1).jpg")
    }
    #expect(await fixture.failure { try await fixture.ingest() } == "datasetBesideImages")
  }

  @Test("is neither one inside the stored one nor one around it")
  func nested() async throws {
    for number in 0..<4 { try fixture.add(40 + number, to: "outer/faces/q\(number)/1.pgm") }
    for number in 0..<4 { try fixture.add(50 + number, to: "outer/r\(number)/1.pgm") }
    let layout = fixture.manifests.first { $0.name == "folder" }
    #expect(layout != nil)
    func root(_ name: String) throws -> SourceScan {
      try SourceScan(
        root: fixture.scratch.file(name), dataset: layout,
        manifests: fixture.manifests)
    }
    func ingest(_ name: String, into store: String) async throws {
      _ = try await IngestRun(
        scans: [try root(name)], configuration: fixture.configuration, options: IngestOptions(),
        progress: { _, _ in }
      ).run(into: StoreFolder(path: fixture.scratch.file(store)))
    }
    try await ingest("outer", into: "one")
    #expect(await fixture.failure { try await ingest("outer/faces", into: "one") } == "nestedRoots")
    try await ingest("outer/faces", into: "two")
    #expect(await fixture.failure { try await ingest("outer", into: "two") } == "nestedRoots")
  }
}
