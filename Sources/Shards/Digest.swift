import Crypto
import Foundation

/// Digests as lower-case hexadecimal text.
public enum Digest {
  /// Returns the SHA-256 of some bytes.
  public static func sha256(_ bytes: some Sequence<UInt8>) -> String {
    hexadecimal(SHA256.hash(data: Array(bytes)))
  }

  /// Returns the SHA-256 of a buffer.
  public static func sha256(_ bytes: UnsafeRawBufferPointer) -> String {
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    return hexadecimal(hash.finalize())
  }

  /// Returns the SHA-256 of a file, which is read in parts; of no bytes if it cannot be read.
  public static func sha256(file path: String) -> String {
    var digest = Running()
    if let file = FileHandle(forReadingAtPath: path) {
      while let part = try? file.read(upToCount: 1 << 20), !part.isEmpty {
        part.withUnsafeBytes { digest.update($0) }
      }
    }
    return digest.finalize()
  }

  /// Returns the MD5 of some bytes, for lists whose publishers provide no better checksum.
  public static func md5(_ bytes: [UInt8]) -> String {
    hexadecimal(Insecure.MD5.hash(data: bytes))
  }

  /// An incremental SHA-256.
  public struct Running {
    private var hash = SHA256()

    /// Creates a digest of no bytes.
    public init() {}

    /// Adds some bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
      hash.update(bufferPointer: bytes)
    }

    /// Returns the digest of all bytes, as lower-case hexadecimal text.
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

/// An incremental SHA-256 of lines of text; a newline after each line separates it from the next.
public struct DigestBuilder {
  private var hash = SHA256()

  /// Creates a digest of no lines.
  public init() {}

  /// Adds one line.
  public mutating func update(line: String) {
    var line = line
    line.append("\n")
    line.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
  }

  /// Returns the digest of all lines, as lower-case hexadecimal text.
  public func finalize() -> String {
    Digest.hexadecimal(hash.finalize())
  }
}
