/// A text that is compared by its bytes, as in SQLite and the file system.
///
/// `String` compares by canonical equivalence: the NFC and the NFD form of a name are one key of a
/// `Set` but two files.
public struct UTF8Key: Hashable, Sendable {
  /// The text.
  public let text: String

  /// Creates a key from a text.
  public init(_ text: some StringProtocol) { self.text = String(text) }

  /// Returns true if both have the same bytes.
  public static func == (left: UTF8Key, right: UTF8Key) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }

  /// Hashes the bytes.
  public func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

extension UTF8Key: Comparable {
  /// Orders by bytes.
  public static func < (left: UTF8Key, right: UTF8Key) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }
}

extension UTF8Key: ExpressibleByStringLiteral {
  /// Creates a key from a string literal.
  public init(stringLiteral text: String) { self.init(text) }
}
