/// A drawing of a twin network: two images, the layers of the tower from top to bottom, and what
/// compares two embeddings.
public struct NetworkDrawing {
  /// One layer.
  public struct Layer: Sendable {
    /// The kind of layer.
    public let name: String
    /// The shape of its output.
    public let output: String
    /// Number of weights; 0 for none.
    public let parameters: Int

    /// Creates a layer.
    public init(name: String, output: String, parameters: Int) {
      self.name = name
      self.output = output
      self.parameters = parameters
    }
  }

  private let title: String
  private let input: String
  private let layers: [Layer]
  private let comparison: String

  private static let (width, box, gap, top) = (520, 30, 14, 62)
  private static let (left, boxWidth) = (130, 260)

  /// Creates a drawing.
  ///
  /// - Parameters:
  ///   - title: the name of the network.
  ///   - input: the shape of an image.
  ///   - layers: the layers, from input to output.
  ///   - comparison: what compares two embeddings.
  public init(title: String, input: String, layers: [Layer], comparison: String) {
    self.title = title
    self.input = input
    self.layers = layers
    self.comparison = comparison
  }

  /// The drawing as the text of an SVG file.
  public var svg: String {
    let (box, gap, top) = (Self.box, Self.gap, Self.top)
    let middle = Self.left + Self.boxWidth / 2
    let height = top + (layers.count + 2) * (box + gap) + 20
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Self.width)\" height=\"\(height)\" "
        + "viewBox=\"0 0 \(Self.width) \(height)\" role=\"img\">",
      "<title>\(Markup.escaped(title))</title>",
      "<desc>\(Markup.escaped("Two images of \(input), \(layers.count) layers, \(comparison)"))</desc>",
      """
      <style>text { font: 12px system-ui, sans-serif; fill: #1c2430; } .soft { fill: #5d6b7e; }
      rect { fill: #eef2f7; stroke: #2166ac; } .free { fill: #fbfbf9; stroke: #9aa5b4; }
      line { stroke: #5d6b7e; }</style>
      <rect width="100%" height="100%" style="fill:#fbfbf9;stroke:none"/>
      """,
      text(title, Self.left + Self.boxWidth / 2, 24, anchor: "middle", weight: "bold"),
    ]
    parts += images(middle)
    for (index, layer) in layers.enumerated() {
      let y = top + (index + 1) * (box + gap)
      parts.append(rectangle(Self.left, y, Self.boxWidth, layer.parameters > 0 ? nil : "free"))
      parts.append(text(layer.name, middle, y + 20, anchor: "middle"))
      parts.append(text(layer.output, Self.left + Self.boxWidth + 10, y + 20, style: "soft"))
      if layer.parameters > 0 {
        parts.append(
          text(
            layer.parameters.grouped, Self.left - 10, y + 20, anchor: "end", style: "soft"))
      }
      parts.append(line(middle, y + box, middle, y + box + gap))
    }
    let y = top + (layers.count + 1) * (box + gap)
    parts.append(rectangle(Self.left, y, Self.boxWidth, nil))
    parts.append(text(comparison, middle, y + 20, anchor: "middle"))
    return parts.joined(separator: "\n") + "\n</svg>\n"
  }

  /// The two images.
  private func images(_ middle: Int) -> [String] {
    let (box, gap, top) = (Self.box, Self.gap, Self.top)
    var parts: [String] = []
    for (index, name) in ["left image", "right image"].enumerated() {
      let (x, y) = (Self.left + index * (Self.boxWidth / 2 + 5), top)
      parts.append(rectangle(x, y, Self.boxWidth / 2 - 5, "free"))
      parts.append(text(name, x + Self.boxWidth / 4 - 2, y + 20, anchor: "middle"))
      parts.append(line(x + Self.boxWidth / 4, y + box, middle, y + box + gap))
    }
    parts.append(text(input, Self.left + Self.boxWidth + 10, top + 20, style: "soft"))
    return parts
  }

  private func rectangle(_ x: Int, _ y: Int, _ width: Int, _ style: String?) -> String {
    "<rect \(style.map { "class=\"\($0)\" " } ?? "")x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" "
      + "height=\"\(Self.box)\" rx=\"4\"/>"
  }

  private func line(_ x1: Int, _ y1: Int, _ x2: Int, _ y2: Int) -> String {
    "<line x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\"/>"
  }

  private func text(
    _ words: String, _ x: Int, _ y: Int, anchor: String = "start", style: String? = nil,
    weight: String? = nil
  ) -> String {
    "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\""
      + (style.map { " class=\"\($0)\"" } ?? "")
      + (weight.map { " style=\"font-weight:\($0)\"" } ?? "") + ">\(Markup.escaped(words))</text>"
  }
}
