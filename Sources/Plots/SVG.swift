import Foundation

/// Text in SVG.
enum SVG {
  /// The text with the characters that have a meaning in SVG replaced.
  static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: "\"", with: "&quot;")
  }
}
