/// The checksum CRC-32C (Castagnoli), reflected polynomial 0x82F63B78.
///
/// Source: RFC 3720, section 12.1.
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { crc, _ in
      crc & 1 == 1 ? 0x82F6_3B78 ^ (crc >> 1) : crc >> 1
    }
  }

  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { crc, byte in table[Int((crc ^ UInt32(byte)) & 0xFF)] ^ (crc >> 8) }
  }
}
