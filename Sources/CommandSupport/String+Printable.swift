extension String {
  /// The text with control characters escaped, so that a file name can neither break a line nor
  /// control the terminal.
  public var printable: String {
    guard unicodeScalars.contains(where: Self.isControl) else { return self }
    return unicodeScalars.map { scalar in
      switch scalar {
      case "\n": "\\n"
      case "\t": "\\t"
      case "\r": "\\r"
      default: Self.isControl(scalar) ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
      }
    }.joined()
  }

  /// Returns true for C0 and C1 control characters and marks that change the writing direction.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}

extension String {
  /// The text with a full stop at its end, unless it ends with a full stop or a question mark.
  public var sentence: String { hasSuffix("?") || hasSuffix(".") ? self : self + "." }
}
