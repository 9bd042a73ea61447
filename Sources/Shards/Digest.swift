import Crypto

/// Digests as lower-case hexadecimal text.
public enum Digest {
  /// The SHA-256 of some bytes.
  public static func sha256(_ bytes: some Sequence<UInt8>) -> String {
    hexadecimal(SHA256.hash(data: Array(bytes)))
  }

  /// The SHA-256 of bytes lent for the call.
  public static func sha256(_ bytes: UnsafeRawBufferPointer) -> String {
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    return hexadecimal(hash.finalize())
  }

  /// The MD5 of some bytes, for lists whose publishers give no better sum.
  public static func md5(_ bytes: [UInt8]) -> String {
    hexadecimal(Insecure.MD5.hash(data: bytes))
  }

  /// A SHA-256 as it grows with the bytes it is given.
  public struct Running {
    private var hash = SHA256()

    /// A digest of nothing yet.
    public init() {}

    /// Adds some bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
      hash.update(bufferPointer: bytes)
    }

    /// The digest of all bytes, as lower-case hexadecimal text.
    public func finalize() -> String { Digest.hexadecimal(hash.finalize()) }
  }

  static func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(64)
    for byte in digest {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// SHA-256 of text that comes in pieces, each ended by a newline so that pieces cannot run together.
public struct DigestBuilder {
  private var hash = SHA256()

  /// A digest of nothing yet.
  public init() {}

  /// Adds one line.
  public mutating func update(line: String) {
    var line = line
    line.append("\n")
    line.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
  }

  /// The digest of all lines, as lower-case hexadecimal text.
  public func finalize() -> String {
    Digest.hexadecimal(hash.finalize())
  }
}
