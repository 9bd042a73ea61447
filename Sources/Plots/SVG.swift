import Foundation

/// Text in SVG.
enum SVG {
  /// The text with the characters that have a meaning in SVG replaced.
  static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: "\"", with: "&quot;")
  }

  /// A number with commas between thousands.
  static func grouped(_ number: Int) -> String {
    var groups: [String] = []
    var rest = String(number)[...]
    while rest.count > 3 {
      groups.insert(String(rest.suffix(3)), at: 0)
      rest = rest.dropLast(3)
    }
    return ([String(rest)] + groups).joined(separator: ",")
  }
}
