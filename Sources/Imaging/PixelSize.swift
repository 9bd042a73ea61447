/// A width and a height in pixels, written as "105" (both) or "46x56" (width first).
public struct PixelSize: Sendable, Equatable {
  /// The width in pixels.
  public let width: Int
  /// The height in pixels.
  public let height: Int

  /// Parses a size; `nil` if the text is not a size or a side is not in 1...4096.
  public init?(_ text: String) {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard sides.count <= 2, let width = sides.first ?? nil, let height = sides.last ?? nil,
      (1...4_096).contains(width), (1...4_096).contains(height)
    else { return nil }
    self.width = width
    self.height = height
  }
}
