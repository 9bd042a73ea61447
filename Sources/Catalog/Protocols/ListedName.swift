import Foundation
internal import GRDB

/// The name of a person as lists of pairs and findings contain it.
struct ListedName {
  /// The SQL function `names_person(text, name)`: true if the text names the person.
  static let function = DatabaseFunction("names_person", argumentCount: 2, pure: true) { values in
    guard let text = String.fromDatabaseValue(values[0]),
      let name = String.fromDatabaseValue(values[1])
    else { return false }
    return ListedName(name).isNamed(in: text)
  }

  private let name: String

  /// Prepares the search for a name; all its forms of Unicode are the same.
  init(_ name: String) { self.name = name.precomposedStringWithCanonicalMapping }

  /// Returns true if a text names the person.
  ///
  /// It may be the name, a path with the name as a part, an image in a list of LFW's form, "NAME 3", or
  /// a file without a folder of the person, as "NAME_0003.jpg".
  func isNamed(in text: String) -> Bool {
    let text = text.precomposedStringWithCanonicalMapping
    guard Data("/\(text)/".utf8).range(of: Data("/\(name)/".utf8)) == nil else { return true }
    if Self.unnumbered(text[...]) == name { return true }
    let file = text.split(separator: "/").last ?? ""
    let stem = file[..<(file.lastIndex(of: ".") ?? file.endIndex)]
    if Self.unnumbered(stem) == name {
      // "2/1_3.jpg" is rather a picture of the person 2 than of the person 1.
      return !text.contains("/") || name.contains(where: \.isLetter)
    }
    return !text.contains("/") && stem == name
  }

  /// Returns what precedes a number at the end and a separator; `nil` if there is no number.
  private static func unnumbered(_ text: Substring) -> String? {
    let digits = text.reversed().prefix { $0.isASCII && $0.isNumber }.count
    let rest = text.dropLast(digits)
    guard digits > 0, let separator = rest.last, " \t_-.".contains(separator) else { return nil }
    return String(rest.dropLast())
  }
}
