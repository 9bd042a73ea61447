/// An image as named in LFW's lists.
public struct NamedImage: Hashable, Sendable {
  /// The identity.
  public let name: String
  /// The number of the image among those of the identity, from 1.
  public let number: Int

  /// Creates an image.
  public init(name: String, number: Int) {
    self.name = name
    self.number = number
  }

  /// The path of the file in LFW's layout.
  public var path: String {
    let digits = String(number)
    return "\(name)/\(name)_\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits).jpg"
  }
}

/// A pair as named in LFW's lists.
public struct NamedPair: Hashable, Sendable {
  /// The first image.
  public let left: NamedImage
  /// The second image.
  public let right: NamedImage
  /// The line of the list, from 1.
  public let line: Int

  /// Whether the list says that both show the same identity.
  public var genuine: Bool { left.name == right.name }
}
