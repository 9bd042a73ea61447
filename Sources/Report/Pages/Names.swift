extension String {
  /// A name for use within a sentence: its direction of writing cannot change that of the rest, and
  /// characters that would do so are shown as a replacement character.
  ///
  /// Source: Unicode Standard Annex 9, section 2.4.
  public var isolated: String {
    let visible = String(
      String.UnicodeScalarView(
        unicodeScalars.map { scalar in
          switch scalar.value {
          case 0x202A...0x202E, 0x2066...0x2069: "\u{FFFD}"
          default: scalar
          }
        }))
    return "\u{2068}\(visible)\u{2069}"
  }

  /// The text with its middle left out if it is longer than `limit` characters.
  public func shortened(to limit: Int = 60) -> String {
    guard count > limit else { return self }
    return "\(prefix(limit / 2 - 1))...\(suffix(limit / 2 - 2))"
  }
}
