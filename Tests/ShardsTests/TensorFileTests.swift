import Foundation
import TestSupport
import Testing

@testable import Shards

@Suite("A file of tensors")
struct TensorFileTests {
  private let scratch: TemporaryFolder
  private let path: String
  private let written = TensorFile(
    metadata: ["step": "12", "what": "weights"],
    tensors: [
      "a": .init(shape: [2, 3], values: [1, 2, 3, 4, 5, 6]),
      "b": .init(shape: [2], values: [-0.5, 7]),
    ])

  init() throws {
    scratch = try TemporaryFolder()
    path = scratch.file("t.safetensors")
    try written.write(to: path)
  }

  private func failure() -> ShardError? {
    do throws(ShardError) {
      _ = try TensorFile(path: path)
      return nil
    } catch { return error }
  }

  private func change(_ body: (inout Data) -> Void) throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    body(&bytes)
    try bytes.write(to: URL(fileURLWithPath: path))
  }

  @Test("gives what was written, without the digests")
  func whole() throws {
    let read = try TensorFile(path: path)
    #expect(read.metadata == written.metadata && read.tensors == written.tensors)
    // Counted by another program than the one that wrote them.
    let stored = try SafetensorsFile(path: path).header.metadata
    let values: [Float] = [1, 2, 3, 4, 5, 6]
    try values.withUnsafeBytes { try scratch.write(Array($0), to: "values") }
    let outcome = try Tool(path: "/usr/bin/sha256sum").run(scratch.file("values"))
    #expect(outcome.output.hasPrefix(try #require(stored["twinset-sha256.a"])))
  }

  @Test("with any changed bit of a value is an error that names the tensor")
  func changedValues() throws {
    let count = try Data(contentsOf: URL(fileURLWithPath: path)).count
    for place in count - 32..<count {
      try change { $0[place] ^= 1 }
      #expect(failure() == .changed(path: path, tensor: place < count - 8 ? "a" : "b"))
      try change { $0[place] ^= 1 }
    }
    #expect(failure() == nil)
  }

  @Test("with changed metadata, names of tensors or digests is an error")
  func changedMetadata() throws {
    let changes = [
      ("\"12\"", "\"13\""), ("\"step\"", "\"stop\""), ("\"b\":{", "\"c\":{"),
      ("\"twinset-sha256\"", "\"twinset-sha257\""),
    ]
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for (from, to) in changes {
      try change { bytes in
        guard let range = bytes.range(of: Data(from.utf8)) else { return }
        bytes.replaceSubrange(range, with: Data(to.utf8))
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) != whole)
      guard case .changed = failure() else {
        Issue.record("\(from) to \(to) was not noticed")
        continue
      }
      try whole.write(to: URL(fileURLWithPath: path))
    }
  }

  @Test("of another program, which has no digests, is read")
  func foreign() throws {
    let header = SafetensorsHeader(
      metadata: ["format": "pt"],
      tensors: ["w": TensorDescription(type: .float32, shape: [2], offset: 0)])
    let values: [Float] = [3, 4]
    try scratch.write(
      header.encoded() + values.withUnsafeBytes { Array($0) }, to: "t.safetensors")
    let read = try TensorFile(path: path)
    #expect(read.metadata == ["format": "pt"] && read.tensors["w"]?.values == values)
  }
}
