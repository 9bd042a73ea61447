import Foundation

/// The perceptual hashes of a shard's rows, eight bytes each, little-endian.
public struct HashBlob: Sendable, Equatable {
  /// The hashes by row.
  public let hashes: [UInt64]

  /// Creates a blob from the hashes of a shard's rows.
  public init(_ hashes: [UInt64]) { self.hashes = hashes }

  init(_ data: Data) {
    let count = data.count / 8
    let words = [UInt64](unsafeUninitializedCapacity: count) { words, initialized in
      data.copyBytes(to: UnsafeMutableRawBufferPointer(words), count: 8 * count)
      initialized = count
    }
    hashes = UInt64(littleEndian: 1) == 1 ? words : words.map { UInt64(littleEndian: $0) }
  }

  var data: Data {
    hashes.map(\.littleEndian).withUnsafeBytes { Data($0) }
  }
}

/// One bit for each row of a shard.
public struct RowBits: Sendable, Equatable {
  private var bytes: [UInt8]

  /// Creates bits for `count` rows, all with the same value.
  public init(count: Int, repeating isSet: Bool) {
    bytes = [UInt8](repeating: isSet ? 0xFF : 0, count: (count + 7) / 8)
  }

  init(_ data: Data) { bytes = [UInt8](data) }

  var data: Data { Data(bytes) }

  /// The bit of a row.
  public subscript(row: Int) -> Bool {
    get { bytes[row >> 3] >> UInt8(row & 7) & 1 == 1 }
    set {
      let mask: UInt8 = 1 << UInt8(row & 7)
      bytes[row >> 3] = newValue ? bytes[row >> 3] | mask : bytes[row >> 3] & ~mask
    }
  }
}
