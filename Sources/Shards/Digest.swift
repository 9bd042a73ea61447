import Foundation

/// Digests as lower-case hexadecimal text.
public enum Digest {
  /// Returns the SHA-256 of some bytes.
  public static func sha256(_ bytes: some Sequence<UInt8>) -> String {
    Array(bytes).withUnsafeBytes { sha256($0) }
  }

  /// Returns the SHA-256 of a buffer.
  public static func sha256(_ bytes: UnsafeRawBufferPointer) -> String {
    var state = DigestState(.sha256)
    state.update(bytes)
    return state.finalize()
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
    var state = DigestState(.md5)
    bytes.withUnsafeBytes { state.update($0) }
    return state.finalize()
  }

  /// Returns a SHA-256 in lower case; `nil` if the text is none.
  public static func parsed(_ text: some StringProtocol) -> String? {
    let hash = text.lowercased()
    let isHash =
      hash.utf8.count == 64 && hash.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
    return isHash ? hash : nil
  }

  /// An incremental SHA-256.
  public struct Running {
    private var state = DigestState(.sha256)

    /// Creates a digest of no bytes.
    public init() {}

    /// Adds some bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) { state.update(bytes) }

    /// Returns the digest of all bytes, as lower-case hexadecimal text.
    public func finalize() -> String { state.finalize() }
  }
}

/// An incremental SHA-256 of lines of text; a newline after each line separates it from the next.
public struct DigestBuilder {
  private var state = DigestState(.sha256)

  /// Creates a digest of no lines.
  public init() {}

  /// Adds one line.
  public mutating func update(line: String) {
    var line = line
    line.append("\n")
    line.withUTF8 { state.update(UnsafeRawBufferPointer($0)) }
  }

  /// Returns the digest of all lines, as lower-case hexadecimal text.
  public func finalize() -> String { state.finalize() }
}
