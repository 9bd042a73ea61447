import Testing

@testable import Plots

@Suite("A drawing")
struct PlotTests {
  @Test("of a network has every layer, its output and its weights")
  func network() throws {
    let drawing = NetworkDrawing(
      title: "a<b", input: "105x105x3",
      layers: [
        .init(name: "convolution", output: "96x96x64", parameters: 19_264),
        .init(name: "flatten", output: "9216", parameters: 0),
        .init(name: "dense", output: "4096", parameters: 37_752_832),
      ], comparison: "weighted-difference")
    let svg = drawing.svg
    for text in [
      "a&lt;b", "105x105x3", "convolution", "96x96x64", "19,264", "37,752,832", "left image",
      "right image", "weighted-difference",
    ] {
      #expect(svg.contains(text), "\(text)")
    }
    let png = try #require(PNG.draw(svg))
    #expect(png.prefix(4) == [0x89, 0x50, 0x4E, 0x47])
  }

  @Test("of a curve with one point shows it, in every style")
  func onePoint() throws {
    for style in ["one", "two", "three", "four", "five", "six"] {
      let plot = Plot(
        title: "t", xLabel: "x", yLabel: "y", x: 0...1, y: 0...1,
        marks: Plot.Mark.curve([(0.5, 0.5)], style: style))
      #expect(plot.svg.contains("circle class=\"\(style)\""))
      #expect(Plot.style.contains("circle.\(style) {"))
    }
    #expect(Plot.Mark.curve([(0, 0), (1, 1)], style: "one").count == 1)
  }

  @Test("as PNG is twice its size, and its curve is in its colour")
  func png() throws {
    let plot = Plot(
      title: "t", xLabel: "x", yLabel: "y", x: 0...1, y: 0...1,
      marks: [.line([(0, 0), (1, 1)], style: "one")])
    let png = try #require(PNG.draw(plot.document))
    func number(_ offset: Int) -> Int {
      png[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    #expect(number(16) == 880 && number(20) == 600)
    #expect(plot.document.contains("#2166ac") && !plot.document.contains("var("))
    #expect(plot.svg.contains("polyline class=\"one\""))
  }

  @Test("that is not SVG is none")
  func refuses() { #expect(PNG.draw("<html></html>") == nil) }
}
