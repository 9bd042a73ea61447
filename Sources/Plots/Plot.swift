import Foundation

/// A small chart as SVG text, for use in a page.
///
/// Colours come from the page's style sheet through classes, so charts adapt to light and dark
/// mode.
public struct Plot {
  /// The marks of a chart, in the units of the axes.
  public enum Mark {
    /// A line through points.
    case line([(x: Double, y: Double)], style: String)
    /// Bars from zero, each from `x` to `x + width`.
    case bars([(x: Double, y: Double)], width: Double, style: String)
    /// One point, with a radius in units of the drawing.
    case point(x: Double, y: Double, style: String, radius: Double = 4)
    /// The area between two lines with the same x.
    case band([(x: Double, low: Double, high: Double)], style: String)

    /// The marks of a curve: a line, and a point if it has only one, which no line shows.
    public static func curve(_ points: [(x: Double, y: Double)], style: String) -> [Mark] {
      [.line(points, style: style)]
        + (points.count == 1 ? [.point(x: points[0].x, y: points[0].y, style: style)] : [])
    }
  }

  /// The title, for readers that do not see the chart.
  public var title: String
  /// The name of the horizontal axis.
  public var xLabel: String
  /// The name of the vertical axis.
  public var yLabel: String
  /// The range of the horizontal axis.
  public var x: ClosedRange<Double>
  /// The range of the vertical axis.
  public var y: ClosedRange<Double>
  /// The marks, drawn in order.
  public var marks: [Mark]
  /// The names of the styles.
  public var legend: [(name: String, style: String)] = []
  /// The scale of the horizontal axis.
  public var xScale = AxisScale.linear
  /// The places and names along the horizontal axis; empty for round numbers.
  public var xNames: [(place: Double, name: String)] = []
  /// The scale of the vertical axis.
  public var yScale = AxisScale.linear

  /// Creates a chart.
  ///
  /// - Parameters:
  ///   - title: the title, for readers that do not see the chart.
  ///   - xLabel: the name of the horizontal axis.
  ///   - yLabel: the name of the vertical axis.
  ///   - x: the range of the horizontal axis.
  ///   - y: the range of the vertical axis.
  ///   - marks: the marks, drawn in order.
  ///   - legend: the names of the styles.
  public init(
    title: String, xLabel: String, yLabel: String, x: ClosedRange<Double>,
    y: ClosedRange<Double>, marks: [Mark], legend: [(name: String, style: String)] = []
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.x = x
    self.y = y
    self.marks = marks
    self.legend = legend
  }

  private static let size = (width: 440.0, height: 300.0)
  /// The legend stands above the chart, so that it covers no curve.
  private var margin: (left: Double, right: Double, top: Double, bottom: Double) {
    (58, 14, 14 + 16 * Double(legend.count), 46)
  }

  /// The style of a chart, in a page or as a file; the colours are the page's variables.
  public static let style = """
    svg text { font: 12px system-ui, sans-serif; fill: var(--soft); }
    .grid { stroke: var(--rule); } polyline { stroke-width: 2; }
    \(strokes)
    rect.one, circle.one { fill: var(--one); fill-opacity: .65; stroke: var(--one); }
    rect.two, circle.two { fill: var(--two); fill-opacity: .65; stroke: var(--two); }
    polygon.few, rect.few { fill: var(--soft); fill-opacity: .25; stroke: var(--soft); }
    polygon.one { fill: var(--one); fill-opacity: .15; }
    polygon.two { fill: var(--two); fill-opacity: .15; }
    polyline.chance { stroke: var(--soft); stroke-dasharray: 4 4; stroke-width: 1; }
    """

  /// The styles of lines beyond two.
  private static let further = ["three", "four", "five", "six"]

  private static let strokes =
    (["one", "two"] + further).map { "polyline.\($0) { stroke: var(--\($0)); }" }
    .joined(separator: " ") + " "
    + further.map { "rect.\($0), circle.\($0) { fill: var(--\($0)); }" }.joined(separator: " ")

  /// The colours of light pages.
  public static let lightColors = """
    --ink: #1c2430; --soft: #5d6b7e; --paper: #fbfbf9; --rule: #dcdfe4; --one: #2166ac;
    --two: #c4452f; --three: #1b7837; --four: #762a83; --five: #8c510a; --six: #01665e;
    """

  /// The colours of dark pages.
  public static let darkColors = """
    --ink: #e6e9ee; --soft: #9aa6b6; --paper: #14181e; --rule: #333b46; --one: #6aaee8;
    --two: #f0937f; --three: #7fc97f; --four: #c2a5cf; --five: #dfc27d; --six: #80cdc1;
    """

  /// The chart as a separate file, with its colours written out: not every reader of SVG knows
  /// variables.
  public var document: String {
    let (width, height) = Self.size
    let paper = "<rect width=\"100%\" height=\"100%\" fill=\"var(--paper)\"/>"
    let text =
      element(
        attributes: "xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Int(width))\" "
          + "height=\"\(Int(height))\" ",
        first: "<style>\(Self.style)</style>\(paper)") + "\n"
    return Self.colors.reduce(text) {
      $0.replacingOccurrences(of: "var(\($1.name))", with: $1.value)
    }
  }

  /// The colours of ``lightColors`` by name.
  private static var colors: [(name: String, value: String)] {
    lightColors.split(separator: ";").compactMap { entry in
      let halves = entry.split(separator: ":").map {
        $0.trimmingCharacters(in: .whitespacesAndNewlines)
      }
      return halves.count == 2 ? (halves[0], halves[1]) : nil
    }
  }

  /// The chart as an element of a page.
  public var svg: String { element(attributes: "", first: "") }

  private func element(attributes: String, first: String) -> String {
    let (width, height) = Self.size
    var parts = [
      "<svg \(attributes)viewBox=\"0 0 \(Int(width)) \(Int(height))\" role=\"img\" "
        + "aria-label=\"\(Markup.escaped(title))\">\(first)<title>\(Markup.escaped(title))</title>"
        + "<desc>\(Markup.escaped("\(yLabel) over \(xLabel)"))</desc>"
    ]
    parts += grid
    parts += marks.map(draw)
    parts += labels
    parts += legend.enumerated().map { index, entry in
      let top = 6 + Double(index) * 16
      return "<rect class=\"\(entry.style)\" x=\"\(Int(margin.left + 10))\" "
        + "y=\"\(Int(top))\" width=\"10\" height=\"10\"/>"
        + text(Self.shortened(entry.name), margin.left + 26, top + 9, anchor: "start")
    }
    return parts.joined(separator: "\n") + "\n</svg>"
  }

  private func across(_ value: Double) -> Double {
    margin.left
      + xScale.fraction(of: value, in: x) * (Self.size.width - margin.left - margin.right)
  }

  private func up(_ value: Double) -> Double {
    let span = Self.size.height - margin.top - margin.bottom
    return Self.size.height - margin.bottom - yScale.fraction(of: value, in: y) * span
  }

  private var grid: [String] {
    let bottom = up(y.lowerBound)
    let ticks = xNames.isEmpty ? xScale.ticks(x).map { ($0, Self.label($0)) } : xNames
    let vertical = ticks.flatMap { tick, name in
      [
        line(across(tick), bottom, across(tick), up(y.upperBound), "grid"),
        text(name, across(tick), bottom + 16, anchor: "middle"),
      ]
    }
    let horizontal = yScale.ticks(y).flatMap { tick in
      [
        line(across(x.lowerBound), up(tick), across(x.upperBound), up(tick), "grid"),
        text(Self.label(tick), across(x.lowerBound) - 6, up(tick) + 4, anchor: "end"),
      ]
    }
    return vertical + horizontal
  }

  private var labels: [String] {
    let middle = (across(x.lowerBound) + across(x.upperBound)) / 2
    let centre = (up(y.lowerBound) + up(y.upperBound)) / 2
    return [
      text(xLabel, middle, Self.size.height - 8, anchor: "middle"),
      "<text transform=\"translate(14 \(Self.number(centre))) rotate(-90)\" "
        + "text-anchor=\"middle\">\(Markup.escaped(yLabel))</text>",
    ]
  }

  private func draw(_ mark: Mark) -> String {
    switch mark {
    case .line(let points, let style):
      let path = points.map { "\(Self.number(across($0.x))),\(Self.number(up($0.y)))" }
      return
        "<polyline class=\"\(style)\" fill=\"none\" points=\"\(path.joined(separator: " "))\"/>"
    case .bars(let bars, let width, let style):
      return bars.filter { $0.y > 0 }.map { bar in
        let left = across(bar.x)
        let wide = max(across(bar.x + width) - left - 0.5, 0.5)
        return
          "<rect class=\"\(style)\" x=\"\(Self.number(left))\" y=\"\(Self.number(up(bar.y)))\" "
          + "width=\"\(Self.number(wide))\" height=\"\(Self.number(up(0) - up(bar.y)))\"/>"
      }.joined(separator: "\n")
    case .band(let points, let style):
      let outline = points.map { ($0.x, $0.low) } + points.reversed().map { ($0.x, $0.high) }
      let path = outline.map { "\(Self.number(across($0.0))),\(Self.number(up($0.1)))" }
      return "<polygon class=\"\(style)\" points=\"\(path.joined(separator: " "))\"/>"
    case .point(let x, let y, let style, let radius):
      return "<circle class=\"\(style)\" cx=\"\(Self.number(across(x)))\" "
        + "cy=\"\(Self.number(up(y)))\" r=\"\(Self.number(radius))\"/>"
    }
  }

  /// A name that fits beside the mark of a legend: the middle of a long one is left out.
  private static func shortened(_ name: String) -> String {
    name.count <= 52 ? name : "\(name.prefix(30))...\(name.suffix(18))"
  }

  /// The greatest number of rows of ``data`` for each mark.
  private static let rows = 60

  /// The values of the chart as a table: the name of the series, x, and y or both ends of a band.
  ///
  /// Long series are thinned evenly.
  public var data: [[String]] {
    marks.flatMap { mark -> [[String]] in
      func rows(_ style: String, _ values: [[Double]]) -> [[String]] {
        let name = legend.first { $0.style == style }?.name ?? ""
        let step = max(1, (values.count + Self.rows - 1) / Self.rows)
        return stride(from: 0, to: values.count, by: step).map { place in
          [name, Self.label(values[place][0])]
            + [values[place].dropFirst().map(Self.label).joined(separator: " to ")]
        }
      }
      switch mark {
      case .line(let points, let style), .bars(let points, _, let style):
        return rows(style, points.map { [$0.x, $0.y] })
      case .band(let points, let style):
        return rows(style, points.map { [$0.x, $0.low, $0.high] })
      case .point(let x, let y, let style, _): return rows(style, [[x, y]])
      }
    }
  }

  private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String)
    -> String
  {
    "<line class=\"\(style)\" x1=\"\(Self.number(x1))\" y1=\"\(Self.number(y1))\" "
      + "x2=\"\(Self.number(x2))\" y2=\"\(Self.number(y2))\"/>"
  }

  private func text(_ words: String, _ x: Double, _ y: Double, anchor: String) -> String {
    "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" text-anchor=\"\(anchor)\">"
      + "\(Markup.escaped(words))</text>"
  }

  private static func label(_ value: Double) -> String {
    if value == value.rounded() && abs(value) < 1e6 { return String(Int(value)) }
    return String(format: "%.4g", value)
  }

  private static func number(_ value: Double) -> String {
    String(format: "%.1f", value)
  }
}
