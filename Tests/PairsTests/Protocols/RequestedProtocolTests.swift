import Catalog
import TestSupport
import Testing

@testable import Pairs

/// Protocols as the commands ask for them.
@Suite("Requested protocols")
struct RequestedProtocolTests {
  private let scratch: TemporaryFolder
  private static let draw = ProtocolMaker.Draw(counts: nil, seed: 0)

  init() throws {
    scratch = try TemporaryFolder()
  }

  // PROTOCOLS.md: 758 pairs of View 2 are in View 1; seven of its pairs have a wrong label.
  @Test(
    "View 2 has the overlap with View 1 in its audit, with and without the wrong labels",
    .enabled(if: Surroundings.hasRealData, "needs real data"))
  func views() throws {
    let lists = "\(Surroundings.data)/lfw-protocol"
    let store = try catalog(lfwImages(), in: scratch)
    var request = ProtocolRequest(.lfw(view: 2, dropsErrata: true), draw: Self.draw)
    request.lists = lists
    let official = OfficialDataset(name: "lfw", lists: [:], errata: try lfwErrata())
    let requested = try RequestedProtocols(request, store, datasets: [official])
    #expect(requested.made.map(\.record.name) == ["lfw-view2", "lfw-view2-errata-dropped"])
    #expect(requested.made.map { $0.record.pairs.values.joined().count } == [6_000, 5_993])
    #expect(requested.made.map { $0.audit.counts[.wrongLabel] } == [7, nil])
    #expect(requested.made.map { $0.audit.counts[.viewPair] } == [758, 758])
    #expect(requested.unchecked.isEmpty)
  }

  @Test("say which findings an incomplete search for duplicates may have missed")
  func unchecked() throws {
    let images = (0..<8).map { TestImage(identity: "p\($0 / 2)", number: $0, path: "\($0).pgm") }
    let store = try catalog(images, in: scratch)
    let request = ProtocolRequest(.sample, draw: Self.draw)
    #expect(try RequestedProtocols(request, store, datasets: []).unchecked.isEmpty)
    try store.forgetDuplicateSearch()
    let requested = try RequestedProtocols(request, store, datasets: [])
    #expect(requested.unchecked == ["file", "pixels", "near"])
    #expect(requested.notes.contains { if case .incompleteAudit = $0 { true } else { false } })
  }
}
