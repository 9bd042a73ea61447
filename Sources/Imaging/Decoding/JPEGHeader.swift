/// The data in the markers before a JPEG's pixels.
///
/// Source: ITU-T T.81, annex B; Exif 2.32, section 4.6 for the orientation.
struct JPEGHeader {
  private(set) var width = 0
  private(set) var height = 0
  /// 1 for gray, 3 for YCbCr or RGB; other numbers are not plain.
  private(set) var channels = 0
  /// Whether the pixels need no conversion: 8 bits, one or three channels, upright, sRGB.
  ///
  /// In this case libjpeg-turbo alone produces the same bytes as libvips.
  private(set) var isPlain = true
  /// The offset of the compressed pixels.
  private(set) var scanOffset = 0

  /// Parses the markers; `nil` if the bytes do not start with a JPEG header followed by pixels.
  init?(_ bytes: [UInt8]) {
    guard bytes.starts(with: [0xFF, 0xD8]) else { return nil }
    var offset = 2
    while offset + 4 <= bytes.count {
      guard bytes[offset] == 0xFF else { return nil }
      let marker = bytes[offset + 1]
      if marker == 0xFF {
        offset += 1
        continue
      }
      let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
      guard length >= 2, offset + 2 + length <= bytes.count else { return nil }
      let segment = bytes[offset + 4..<offset + 2 + length]
      if marker == 0xDA {
        scanOffset = offset
        isPlain = isPlain && (channels == 1 || channels == 3) && width > 0 && height > 0
        return
      }
      read(marker, segment)
      offset += 2 + length
    }
    return nil
  }

  private mutating func read(_ marker: UInt8, _ segment: ArraySlice<UInt8>) {
    switch marker {
    case 0xC0...0xC2:
      let fields = Array(segment.prefix(6))
      guard fields.count == 6, channels == 0 else {
        isPlain = false
        return
      }
      height = Int(fields[1]) << 8 | Int(fields[2])
      width = Int(fields[3]) << 8 | Int(fields[4])
      channels = Int(fields[5])
      isPlain = isPlain && fields[0] == 8
    case 0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
      isPlain = false
    case 0xE1 where segment.starts(with: Array("Exif\0\0".utf8)):
      isPlain = isPlain && Self.isUpright(Array(segment.dropFirst(6)))
    case 0xE2 where segment.starts(with: Array("ICC_PROFILE\0".utf8)):
      isPlain = isPlain && Self.namesSRGB(segment)
    default: break
    }
  }

  private static func namesSRGB(_ profile: ArraySlice<UInt8>) -> Bool {
    let names = [Array("sRGB".utf8), Array("s\0R\0G\0B".utf8)]
    return profile.indices.contains { index in
      profile[index] == names[0][0] && names.contains { profile[index...].starts(with: $0) }
    }
  }

  /// Returns true if the first directory of an Exif block has no orientation, orientation 1, or an
  /// invalid one.
  private static func isUpright(_ block: [UInt8]) -> Bool {
    let isLittle = block.starts(with: [0x49, 0x49])
    func number(at offset: Int, bytes count: Int) -> Int? {
      guard offset >= 0, offset + count <= block.count else { return nil }
      let field = block[offset..<offset + count]
      return (isLittle ? Array(field.reversed()) : Array(field)).reduce(0) { $0 << 8 | Int($1) }
    }
    guard let directory = number(at: 4, bytes: 4), let entries = number(at: directory, bytes: 2)
    else { return true }
    for entry in 0..<entries {
      let offset = directory + 2 + entry * 12
      guard let tag = number(at: offset, bytes: 2) else { return true }
      if tag == 0x0112, let value = number(at: offset + 8, bytes: 2) {
        return !(2...8).contains(value)
      }
    }
    return true
  }
}
