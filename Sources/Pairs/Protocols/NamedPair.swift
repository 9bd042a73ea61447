/// An image as LFW's lists name it.
public struct NamedImage: Hashable, Sendable {
  /// The identity.
  public let name: String
  /// The number among its images, from 1.
  public let number: Int

  /// An image.
  public init(name: String, number: Int) {
    self.name = name
    self.number = number
  }

  /// The file in LFW's layout.
  public var path: String {
    let digits = String(number)
    return "\(name)/\(name)_\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits).jpg"
  }
}

/// A pair as LFW's lists name it.
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
