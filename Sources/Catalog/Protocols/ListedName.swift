import Foundation
internal import GRDB

/// The name of a person as lists of pairs and findings contain it.
struct ListedName {
  /// The SQL function `names_person(text, name, kind)`: true if the text names the person; `kind` is that
  /// of a finding, or empty.
  static let function = DatabaseFunction("names_person", argumentCount: 3, pure: true) { values in
    guard let text = String.fromDatabaseValue(values[0]),
      let name = String.fromDatabaseValue(values[1])
    else { return false }
    let kind = String.fromDatabaseValue(values[2]).flatMap(Finding.Kind.init)
    switch kind {
    case .identity, .nameVariant, .viewPerson:
      // These findings hold whole names, which may end in a number: "Ann_Lee_2" is somebody else.
      return text.precomposedStringWithCanonicalMapping == ListedName(name).name
    default: return ListedName(name).isNamed(in: text)
    }
  }

  private let name: String

  /// Prepares the search for a name; all its forms of Unicode are the same.
  init(_ name: String) { self.name = name.precomposedStringWithCanonicalMapping }

  /// Returns true if a text names the person.
  ///
  /// It may be the name, a path with the name as a part, an image in a list of LFW's form, "NAME 3", or
  /// a file in no folder, as "NAME_0003.jpg". In a folder the file's name says nothing: the folder is
  /// the person.
  func isNamed(in text: String) -> Bool {
    let text = text.precomposedStringWithCanonicalMapping
    guard Data("/\(text)/".utf8).range(of: Data("/\(name)/".utf8)) == nil else { return true }
    if Self.unnumbered(text[...], separators: " \t") == name { return true }
    guard !text.contains("/"), let stem = Self.stem(text) else { return false }
    return stem == name || Self.unnumbered(stem, separators: "_-.") == name
  }

  /// A file's name without its extension; `nil` without one.
  ///
  /// "J. Doe 3" has none.
  private static func stem(_ file: String) -> Substring? {
    guard let dot = file.lastIndex(of: ".") else { return nil }
    let ending = file[file.index(after: dot)...]
    let isExtension =
      (1...5).contains(ending.count)
      && ending.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
    return isExtension ? file[..<dot] : nil
  }

  /// Returns the text before the number at its end, without the separator; `nil` if it ends in none.
  private static func unnumbered(_ text: Substring, separators: String) -> String? {
    let digits = text.reversed().prefix { $0.isASCII && $0.isNumber }.count
    let rest = text.dropLast(digits)
    guard digits > 0, let separator = rest.last, separators.contains(separator) else { return nil }
    return String(rest.dropLast())
  }
}
