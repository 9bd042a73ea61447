import Foundation
import TestSupport
import Testing

@testable import Shards

@Suite("A shard")
struct ShardTests {
  private let folder: TemporaryFolder
  private let shape = SampleShape(height: 2, width: 3, channels: 1)

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Sample `n` counts up from `n`, so that a mistake of order is legible.
  private func sample(_ n: UInt8) -> [UInt8] { (0..<6).map { n + $0 } }

  private func write(_ name: String, samples: UInt8, capacity: Int) throws -> ShardWriter.Finished {
    let writer = try ShardWriter(
      path: folder.file(name), shape: shape, capacity: capacity, metadata: ["dataset": "x\"y"])
    for n in (0..<samples).reversed() { try writer.write(sample(n), at: Int(n)) }
    return try writer.finish(keeping: [0..<Int(samples)])
  }

  @Test("gives back what was written, with its metadata and digest")
  func roundTrip() throws {
    let finished = try write("a.safetensors", samples: 5, capacity: 9)
    let reader = try ShardReader(path: folder.file("a.safetensors"))
    #expect(reader.count == 5)
    #expect(reader.shape == shape)
    #expect(reader.metadata == ["dataset": "x\"y"])
    for n in 0..<5 {
      #expect(try reader.withSample(n) { Array($0) } == sample(UInt8(n)))
    }
    #expect(reader.sha256() == finished.sha256)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("a.safetensors")))
    #expect(bytes.count == finished.byteCount)
    #expect(Digest.sha256(bytes) == finished.sha256)
  }

  @Test("closes the gaps between its runs, and is then the shard that never had any")
  func gaps() throws {
    let whole = try write("a.safetensors", samples: 4, capacity: 9)
    let writer = try ShardWriter(
      path: folder.file("b.safetensors"), shape: shape, capacity: 9, metadata: ["dataset": "x\"y"])
    try writer.write(sample(3), at: 8)
    try writer.write(sample(0), at: 0)
    try writer.write(sample(1) + sample(2), at: 4)
    #expect(try writer.finish(keeping: [0..<1, 4..<6, 6..<6, 8..<9]) == whole)
  }

  @Test("may be empty")
  func empty() throws {
    _ = try write("a.safetensors", samples: 0, capacity: 4)
    #expect(try ShardReader(path: folder.file("a.safetensors")).count == 0)
  }

  @Test("begins its samples at a multiple of eight bytes")
  func alignment() throws {
    for capacity in [1, 9, 10, 99, 2_048] {
      _ = try write("a.safetensors", samples: 1, capacity: capacity)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("a.safetensors")))
      let header = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      #expect((8 + header) % 8 == 0)
    }
  }

  @Test("does not appear before it is finished, and leaves nothing when it is dropped")
  func appearsWhole() throws {
    do {
      let writer = try ShardWriter(
        path: folder.file("a.safetensors"), shape: shape, capacity: 2, metadata: [:])
      try writer.write(sample(0), at: 0)
      #expect(!folder.contents().contains("a.safetensors"))
      #expect(folder.contents().allSatisfy { $0.hasPrefix(DurableFile.temporaryPrefix) })
    }
    #expect(folder.contents().isEmpty)
  }

  @Test("says which system call failed")
  func reportsSystemErrors() throws {
    let path = folder.file("missing/a.safetensors")
    #expect(throws: ShardError.self) {
      _ = try ShardWriter(path: path, shape: shape, capacity: 2, metadata: [:])
    }
  }

  @Test("of another tensor is refused")
  func refusesOtherTensors() throws {
    let path = folder.file("w.safetensors")
    try TensorFile(metadata: [:], tensors: ["w": .init(shape: [2], values: [1, 2])]).write(to: path)
    #expect(throws: ShardError.missingTensor(path: path, tensor: "images")) {
      try ShardReader(path: path)
    }
  }

  @Test("of weights gives back every float")
  func tensorFile() throws {
    let path = folder.file("w.safetensors")
    let file = TensorFile(
      metadata: ["step": "3"],
      tensors: [
        "b": .init(shape: [2, 1], values: [.pi, -0.0]),
        "a": .init(shape: [3], values: [1, .greatestFiniteMagnitude, .leastNonzeroMagnitude]),
      ])
    try file.write(to: path)
    let read = try TensorFile(path: path)
    #expect(read.tensors == file.tensors)
    #expect(read.metadata == file.metadata)
  }

  @Test("that is given up before its commit leaves nothing, and the file that was there stays")
  func givenUp() throws {
    let scratch = try TemporaryFolder()
    let path = scratch.file("kept")
    try DurableFile.write("old", to: path)
    func begin() throws {
      let file = try DurableFile(path: path)
      try file.write(Array("new".utf8), at: 0)
      #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).count == 2)
    }
    try begin()
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["kept"])
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
  }

  @Test("gives every row by reading alone, and says of a stump that it is too short")
  func rows() throws {
    _ = try write("a.safetensors", samples: 5, capacity: 9)
    let path = folder.file("a.safetensors")
    let file = try ShardFile(path: path)
    for row in 0..<5 { #expect(try file.sample(row) == sample(UInt8(row))) }
    for length in [0, 7] {
      let stump = try folder.write([UInt8](repeating: 1, count: length), to: "stump")
      #expect(throws: ShardError.tooShort(path: stump, bytes: length)) {
        try ShardFile(path: stump)
      }
    }
  }
}
