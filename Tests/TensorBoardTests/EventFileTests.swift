import Foundation
import TestSupport
import Testing

@testable import TensorBoard

@Suite("An event file")
struct EventFileTests {
  // RFC 3720, appendix B.4, and the check value of the polynomial.
  @Test("has checksums as published")
  func checksums() {
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.checksum(0..<32) == 0x46DD_794E)
    #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
  }

  /// What the package `tensorboard` reads from a folder, as JSON.
  private func read(_ folder: String) throws -> [String: Any] {
    let script = """
      import json, sys
      from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
      events = EventAccumulator(sys.argv[1]); events.Reload()
      print(json.dumps({
        "scalars": {tag: [[e.step, e.value] for e in events.Scalars(tag)]
                    for tag in events.Tags()["scalars"]},
        "nodes": [[n.name, n.op, list(n.input),
                   [[d.size for d in s.dim] for s in n.attr["_output_shapes"].list.shape]]
                  for n in events.Graph().node]}))
      """
    let outcome = try Tool(path: Surroundings.python).run("-c", script, folder)
    #expect(outcome.code == 0, "\(outcome.error)")
    return outcome.summary
  }

  @Test(
    "is read by the package tensorboard, with what was added", .enabled(if: Surroundings.hasPython))
  func isRead() throws {
    let scratch = try TemporaryFolder()
    let graph = [
      EventFile.Node(name: "images/left", kind: "Placeholder", inputs: [], shape: [56, 46, 1]),
      EventFile.Node(name: "tower/0-dense", kind: "dense", inputs: ["images/left"], shape: [50]),
    ]
    let first = try EventFile(folder: scratch.path, step: 0, graph: graph)
    for step in 1...5 { first.add([("loss", 1 / Double(step)), ("rate", 7)], step: step) }
    try first.flush()
    // A run that was stopped after step 3 and continued: its later steps count.
    let second = try EventFile(folder: scratch.path, step: 3, graph: graph)
    for step in 4...6 { second.add([("loss", 100 + Double(step))], step: step) }
    try second.flush()
    let found = try read(scratch.path)
    let scalars = try #require(found["scalars"] as? [String: [[Double]]])
    #expect(scalars["loss"]?.map { $0[0] } == [1, 2, 3, 4, 5, 6])
    #expect(scalars["loss"]?.map { $0[1] } == [1, 0.5, Double(Float(1.0 / 3)), 104, 105, 106])
    let nodes = try #require(found["nodes"] as? [[Any]])
    #expect(nodes.count == 2 && nodes[1][1] as? String == "dense")
    #expect(nodes[1][2] as? [String] == ["images/left"])
    #expect(nodes[0][3] as? [[Int]] == [[-1, 56, 46, 1]])
  }
}
