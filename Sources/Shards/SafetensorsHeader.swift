/// The type, shape and position of one tensor in a safetensors file.
public struct TensorDescription: Equatable, Sendable {
  /// The type of the elements.
  public let type: ElementType
  /// The lengths of the axes, the slowest-varying first; empty for a scalar.
  public let shape: [Int]
  /// The position of the bytes, relative to the end of the header.
  public let bytes: Range<Int>

  /// Creates the description of a tensor that starts at `offset`.
  ///
  /// - Precondition: the shape's byte count fits in an `Int`.
  public init(type: ElementType, shape: [Int], offset: Int) {
    self.type = type
    self.shape = shape
    bytes = offset..<offset + shape.reduce(type.byteCount, *)
  }

  init(type: ElementType, shape: [Int], bytes: Range<Int>) {
    self.type = type
    self.shape = shape
    self.bytes = bytes
  }
}

/// The header of a safetensors file: text metadata and the tensors by name.
///
/// Source: the safetensors format, <https://github.com/huggingface/safetensors>.
public struct SafetensorsHeader: Equatable, Sendable {
  /// The maximum size of a header in bytes, as in the reference implementation.
  public static let limit = 100_000_000

  /// Text metadata by key, `__metadata__` in the file.
  public let metadata: [String: String]
  /// The tensors by name.
  public let tensors: [String: TensorDescription]

  /// Creates a header from metadata and tensors.
  public init(metadata: [String: String], tensors: [String: TensorDescription]) {
    self.metadata = metadata
    self.tensors = tensors
  }

  /// The number of bytes from the start of the first tensor to the end of the last one.
  public var dataByteCount: Int {
    tensors.values.map(\.bytes.upperBound).max() ?? 0
  }

  /// Reads and checks the header of a file.
  ///
  /// - Parameters:
  ///   - byteCount: the length of the file.
  ///   - path: the name of the file in errors.
  ///   - read: reads a number of bytes at an offset.
  /// - Returns: the header, and the offset of the data after it.
  /// - Throws: ``ShardError``, with one case for each kind of error in the header.
  static func read(
    byteCount: Int, path: String,
    _ read: (_ count: Int, _ offset: Int) throws(ShardError) -> [UInt8]
  ) throws(ShardError) -> (SafetensorsHeader, dataOffset: Int) {
    guard byteCount >= 8 else { throw .tooShort(path: path, bytes: byteCount) }
    let length = try read(8, 0).withUnsafeBytes {
      UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))
    }
    guard length <= UInt64(limit) else { throw .headerTooLarge(path: path, bytes: length) }
    guard length <= UInt64(byteCount - 8) else {
      throw .headerTruncated(path: path, bytes: length)
    }
    let text = try read(Int(length), 8)
    guard text.first == UInt8(ascii: "{") else {
      throw .malformedHeader(path: path, reason: "it does not begin with {")
    }
    let dataOffset = 8 + Int(length)
    return (
      try parse(text, dataByteCount: byteCount - dataOffset, path: path), dataOffset
    )
  }

  /// Parses the JSON text of a header and checks that the tensors fill `dataByteCount` bytes
  /// without gaps or overlaps.
  ///
  /// - Parameters:
  ///   - text: the bytes of the header after its length.
  ///   - dataByteCount: number of bytes after the header.
  ///   - path: the name of the file in errors.
  /// - Returns: the header.
  /// - Throws: ``ShardError``, with one case for each kind of error in the header.
  public static func parse(
    _ text: some Sequence<UInt8>, dataByteCount: Int, path: String
  ) throws(ShardError) -> SafetensorsHeader {
    var parser = HeaderParser(path: path)
    let header = try parser.parse(text)
    try header.checkLayout(dataByteCount: dataByteCount, path: path)
    return header
  }

  private func checkLayout(dataByteCount: Int, path: String) throws(ShardError) {
    let order = tensors.sorted {
      ($0.value.bytes.lowerBound, $0.value.bytes.upperBound, $0.key)
        < ($1.value.bytes.lowerBound, $1.value.bytes.upperBound, $1.key)
    }
    var end = 0
    for (name, tensor) in order {
      if tensor.bytes.lowerBound > end { throw .hole(path: path, offset: end) }
      if tensor.bytes.lowerBound < end { throw .overlap(path: path, tensor: name) }
      end = tensor.bytes.upperBound
    }
    guard end == dataByteCount else {
      throw .wrongFileLength(path: path, expected: end, found: dataByteCount)
    }
  }

  /// Returns the encoded header: eight bytes for the length, then JSON with sorted keys.
  ///
  /// It is padded with spaces so that the tensors start at a multiple of eight bytes, or at
  /// `byteCount` if that is larger.
  public func encoded(paddedTo byteCount: Int = 0) -> [UInt8] {
    var entries: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }
        .map { "\(Self.quoted($0.key)):\(Self.quoted($0.value))" }
      entries.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      let offsets = "\(tensor.bytes.lowerBound),\(tensor.bytes.upperBound)"
      entries.append(
        "\(Self.quoted(name)):{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offsets)]}")
    }
    var text = Array("{\(entries.joined(separator: ","))}".utf8)
    let length = max((8 + text.count + 7) / 8 * 8, byteCount) - 8
    text.append(contentsOf: repeatElement(0x20, count: length - text.count))
    return withUnsafeBytes(of: UInt64(length).littleEndian) { Array($0) } + text
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{00}"..<"\u{20}":
        let code = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - code.count) + code
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// Converts the text of a header into tensors, with one error for each kind of fault.
private struct HeaderParser {
  let path: String
  var metadata: [String: String] = [:]
  var tensors: [String: TensorDescription] = [:]

  init(path: String) {
    self.path = path
  }

  /// The unvalidated fields of one tensor.
  private struct Fields {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
  }

  mutating func parse(_ text: some Sequence<UInt8>) throws(ShardError) -> SafetensorsHeader {
    var scanner = HeaderScanner(text)
    var fields: [(name: String, value: Fields)] = []
    do throws(HeaderScanner.Failure) {
      var texts: [String: String] = [:]
      try scanner.object { scanner, name throws(HeaderScanner.Failure) in
        if name == "__metadata__" {
          try scanner.object { scanner, key throws(HeaderScanner.Failure) in
            texts[key] = try scanner.string()
          }
        } else {
          fields.append((name, try Self.fields(&scanner)))
        }
      }
      try scanner.end()
      metadata = texts
    } catch {
      switch error {
      case .duplicateKey(let key): throw .duplicateKey(path: path, key: key)
      case .syntax(let reason): throw .malformedHeader(path: path, reason: reason)
      }
    }
    for (name, value) in fields { tensors[name] = try description(name, value) }
    return SafetensorsHeader(metadata: metadata, tensors: tensors)
  }

  private static func fields(
    _ scanner: inout HeaderScanner
  ) throws(HeaderScanner.Failure) -> Fields {
    var fields = Fields()
    try scanner.object { scanner, key throws(HeaderScanner.Failure) in
      switch key {
      case "dtype": fields.type = try scanner.string()
      case "shape": fields.shape = try scanner.naturals()
      case "data_offsets": fields.offsets = try scanner.naturals()
      default: throw .syntax("an unknown field \(key)")
      }
    }
    return fields
  }

  private func description(
    _ name: String, _ fields: Fields
  ) throws(ShardError) -> TensorDescription {
    guard let typeName = fields.type, let shape = fields.shape, let offsets = fields.offsets,
      offsets.count == 2
    else {
      throw .malformedHeader(path: path, reason: "tensor \(name) lacks dtype, shape or offsets")
    }
    guard let type = ElementType(rawValue: typeName) else {
      throw .unknownType(path: path, tensor: name, type: typeName)
    }
    var length = type.byteCount
    for axis in shape {
      let (product, overflow) = length.multipliedReportingOverflow(by: axis)
      guard !overflow else { throw .wrongLength(path: path, tensor: name) }
      length = product
    }
    guard offsets[0] <= offsets[1], offsets[1] - offsets[0] == length else {
      throw .wrongLength(path: path, tensor: name)
    }
    return TensorDescription(type: type, shape: shape, bytes: offsets[0]..<offsets[1])
  }
}
