internal import Mustache
import Plots

/// How a page escapes its text: as ``Plots/Markup`` does.
///
/// The library escapes character by character, and misses those that a combining mark follows.
struct EscapedText: MustacheContentType {
  /// The name that a template gives.
  static let name = "MARKUP"
  /// Registers the type with the library, once.
  static let registration: Void = MustacheContentTypes.register(EscapedText(), named: name)

  func escapeText(_ text: String) -> String { Markup.escaped(text) }
}
