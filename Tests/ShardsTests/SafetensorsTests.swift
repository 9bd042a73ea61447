import Foundation
import TestSupport
import Testing

@testable import Shards

/// The bytes of a file: the length of the header, the header, the data.
private func file(_ header: String, data: Int, length: UInt64? = nil) -> [UInt8] {
  withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { Array($0) }
    + Array(header.utf8) + [UInt8](repeating: 7, count: data)
}

private func tensor(_ name: String, _ shape: String, _ from: Int, _ to: Int, type: String = "U8")
  -> String
{
  "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(from),\(to)]}"
}

@Suite("A safetensors file")
struct SafetensorsTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func open(_ bytes: [UInt8]) throws -> Result<SafetensorsFile, ShardError> {
    let path = try folder.write(bytes, to: "t.safetensors")
    do throws(ShardError) { return .success(try SafetensorsFile(path: path)) } catch {
      return .failure(error)
    }
  }

  private func failure(_ bytes: [UInt8]) throws -> ShardError? {
    guard case .failure(let error) = try open(bytes) else { return nil }
    return error
  }

  private var path: String { folder.file("t.safetensors") }

  @Test("lends the bytes of each tensor")
  func readsTensors() throws {
    let header = "{\(tensor("b", "2", 3, 5)),\(tensor("a", "3,1", 0, 3))}"
    let opened = try open(file(header, data: 0) + [1, 2, 3, 4, 5]).get()
    #expect(try opened.withTensor("a") { Array($0) } == [1, 2, 3])
    #expect(try opened.withTensor("b") { Array($0) } == [4, 5])
    #expect(opened.header.tensors["a"]?.shape == [3, 1])
  }

  @Test("may hold nothing, a tensor without elements, and a single value")
  func readsEmptyOnes() throws {
    #expect(try open(file("{}", data: 0)).get().header.tensors.isEmpty)
    let header = "{\(tensor("none", "0,9", 0, 0)),\(tensor("one", "", 0, 4, type: "F32"))}  "
    let opened = try open(file(header, data: 4)).get()
    #expect(opened.header.tensors["none"]?.bytes == 0..<0)
    #expect(opened.header.tensors["one"]?.shape == [])
  }

  @Test("has text with every escape of JSON")
  func readsEscapes() throws {
    let header = #"{"__metadata__":{"k\"\\\/\b\f\n\r\t":"\u00e9\ud83d\ude00 é"}}"#
    let metadata = try open(file(header, data: 0)).get().header.metadata
    #expect(metadata == ["k\"\\/\u{8}\u{C}\n\r\t": "é😀 é"])
  }

  @Test("is refused when it is shorter than its length")
  func refusesShort() throws {
    #expect(try failure([1, 2, 3]) == .tooShort(path: path, bytes: 3))
    #expect(try failure([]) == .tooShort(path: path, bytes: 0))
  }

  @Test("is refused when the header claims too much")
  func refusesLargeHeader() throws {
    #expect(
      try failure(file("{}", data: 0, length: 100_000_001))
        == .headerTooLarge(path: path, bytes: 100_000_001))
    #expect(
      try failure(file("{}", data: 0, length: .max)) == .headerTooLarge(path: path, bytes: .max))
    #expect(
      try failure(file("{}", data: 0, length: 3)) == .headerTruncated(path: path, bytes: 3))
  }

  @Test(
    "is refused when the header is not the JSON it should be",
    arguments: [
      "", "[]", " {}", "{", "{\"a\"}", "{\"a\":1}", "{}x", "{\"a\":{}}",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,1]}}",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[01],\"data_offsets\":[0,1]}}",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[1.0],\"data_offsets\":[0,1]}}",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[99999999999999999999],\"data_offsets\":[0,1]}}",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"extra\":\"\"}}",
      "{\"__metadata__\":{\"a\":1}}", "{\"__metadata__\":{\"a\":\"\\x\"}}",
      "{\"__metadata__\":{\"a\":\"\\ud800\"}}", "{\"__metadata__\":{\"a\":\"\u{1}\"}}",
    ])
  func refusesMalformed(header: String) throws {
    guard case .malformedHeader(path, _) = try failure(file(header, data: 1)) else {
      Issue.record("\(header) gave \(String(describing: try failure(file(header, data: 1))))")
      return
    }
  }

  @Test("is refused when text is not UTF-8")
  func refusesBadText() throws {
    var bytes = file("{\"__metadata__\":{\"a\":\"??\"}}", data: 0)
    let at = try #require(bytes.firstIndex(of: UInt8(ascii: "?")))
    bytes[at] = 0xFF
    guard case .malformedHeader = try failure(bytes) else {
      Issue.record("it was read")
      return
    }
  }

  @Test("is refused when a name stands twice, however deep")
  func refusesDuplicates() throws {
    let twice = "{\(tensor("a", "1", 0, 1)),\(tensor("a", "1", 0, 1))}"
    #expect(try failure(file(twice, data: 1)) == .duplicateKey(path: path, key: "a"))
    let text = "{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}"
    #expect(try failure(file(text, data: 0)) == .duplicateKey(path: path, key: "k"))
    let field = "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}"
    #expect(try failure(file(field, data: 1)) == .duplicateKey(path: path, key: "dtype"))
  }

  @Test("is refused when a type is unknown")
  func refusesUnknownType() throws {
    let header = "{\(tensor("a", "1", 0, 1, type: "U9"))}"
    #expect(
      try failure(file(header, data: 1)) == .unknownType(path: path, tensor: "a", type: "U9"))
  }

  @Test("is refused when a length does not follow from the shape")
  func refusesWrongLength() throws {
    for header in [
      tensor("a", "2", 0, 1), tensor("a", "1", 1, 0), tensor("a", "1", 0, 1, type: "F32"),
      tensor("a", "4294967296,4294967296", 0, 1),
    ] {
      #expect(try failure(file("{\(header)}", data: 1)) == .wrongLength(path: path, tensor: "a"))
    }
  }

  @Test("is refused when tensors leave a hole or share bytes")
  func refusesHolesAndOverlaps() throws {
    let hole = "{\(tensor("a", "1", 0, 1)),\(tensor("b", "1", 2, 3))}"
    #expect(try failure(file(hole, data: 3)) == .hole(path: path, offset: 1))
    let first = "{\(tensor("a", "1", 1, 2))}"
    #expect(try failure(file(first, data: 2)) == .hole(path: path, offset: 0))
    let overlap = "{\(tensor("a", "2", 0, 2)),\(tensor("b", "2", 1, 3))}"
    #expect(try failure(file(overlap, data: 3)) == .overlap(path: path, tensor: "b"))
  }

  @Test("is refused when the file is longer or shorter than its tensors")
  func refusesWrongFileLength() throws {
    let header = "{\(tensor("a", "2", 0, 2))}"
    #expect(
      try failure(file(header, data: 3)) == .wrongFileLength(path: path, expected: 2, found: 3))
    #expect(
      try failure(file(header, data: 1)) == .wrongFileLength(path: path, expected: 2, found: 1))
  }
}
