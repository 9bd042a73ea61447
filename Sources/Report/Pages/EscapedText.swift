internal import Mustache
import Plots

/// How a page escapes its text: as ``Plots/Markup`` does.
///
/// The way of the library goes by characters, and misses those that a combining mark follows.
struct EscapedText: MustacheContentType {
  /// The name that a template gives.
  static let name = "MARKUP"
  /// Whether the library knows the name; it is told at the first use.
  static let isKnown: Bool = {
    MustacheContentTypes.register(EscapedText(), named: name)
    return true
  }()

  func escapeText(_ text: String) -> String { Markup.escaped(text) }
}
