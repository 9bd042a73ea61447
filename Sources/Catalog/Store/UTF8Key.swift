/// A text that is compared by its bytes, as SQLite and the file system compare it.
///
/// `String` compares canonically: a name in NFC and the same name in NFD are one key of a `Set` but
/// two files.
public struct UTF8Key: Hashable, Sendable {
  /// The text.
  public let text: String

  /// A key of this text.
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
  /// A key of a text in the source.
  public init(stringLiteral text: String) { self.init(text) }
}
