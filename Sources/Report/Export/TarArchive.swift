import Shards

/// A tar archive that appears complete or not at all.
///
/// Names are at most 100 bytes, and times, owners and groups are 0, so that the same files give the
/// same bytes.
///
/// Source: POSIX.1-1988, ustar interchange format.
struct TarArchive: ~Copyable {
  private let file: DurableFile
  private var offset = 0

  private static let block = 512

  /// Begins an archive.
  init(path: String) throws(ShardError) { file = try DurableFile(path: path) }

  /// Adds a file.
  mutating func add(_ bytes: [UInt8], name: String) throws(ShardError) {
    var data = Self.header(name: name, size: bytes.count)
    data += bytes
    data += [UInt8](repeating: 0, count: (Self.block - bytes.count % Self.block) % Self.block)
    try append(data)
  }

  /// Ends the archive; it is then in its place.
  consuming func commit() throws(ShardError) {
    try append([UInt8](repeating: 0, count: 2 * Self.block))
    try file.commit()
  }

  private mutating func append(_ data: [UInt8]) throws(ShardError) {
    let place = offset
    var failure: ShardError?
    data.withUnsafeBytes { bytes in
      do throws(ShardError) { try file.write(bytes, at: place) } catch { failure = error }
    }
    if let failure { throw failure }
    offset += data.count
  }

  private static func header(name: String, size: Int) -> [UInt8] {
    precondition(name.utf8.count <= 100, "a name of at most 100 bytes")
    var header = [UInt8](repeating: 0, count: block)
    func put(_ text: String, at place: Int) {
      for (offset, byte) in text.utf8.enumerated() { header[place + offset] = byte }
    }
    func octal(_ value: Int, digits: Int) -> String {
      let text = String(value, radix: 8)
      return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
    put(name, at: 0)
    put("0000644", at: 100)
    put("0000000", at: 108)
    put("0000000", at: 116)
    put(octal(size, digits: 11), at: 124)
    put("00000000000", at: 136)
    put("        ", at: 148)
    put("0", at: 156)
    put("ustar", at: 257)
    put("00", at: 263)
    let sum = header.reduce(0) { $0 + Int($1) }
    put(octal(sum, digits: 6) + "\0 ", at: 148)
    return header
  }
}
