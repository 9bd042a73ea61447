import Evaluate
import Foundation
import Testing

@testable import Plots
@testable import Report

@Suite("A report")
struct ReportTests {
  /// A page with the name at every place of a text.
  private func page(named name: String) throws -> String {
    try Page(
      title: name, subtitle: name,
      sections: [
        Page.Section(
          title: name, text: name, table: Page.Table(heading: [name], rows: [[name]]),
          plots: [
            Plot(title: name, xLabel: name, yLabel: name, x: 0...1, y: 0...1, marks: [])
          ])
      ]
    ).render()
  }

  @Test("escapes what users' files are called")
  func escapes() throws {
    let name = "<script>alert(\"1\")</script> & co"
    let page = try page(named: name)
    #expect(!page.contains("<script"))
    #expect(page.contains("&lt;script&gt;"))
  }

  @Test(
    "escapes its text also where Swift joins it with the next character into one",
    arguments: ["x\"\u{301} onload=a", "\u{600}<script>", "'\u{200D}", "&\u{301}"])
  func escapesScalars(name: String) throws {
    let page = try page(named: name)
    // By bytes: a search for characters misses what the browser sees.
    #expect(Data(page.utf8).range(of: Data(name.utf8)) == nil)
    let escaped = ["\"": "&quot;", "<": "&lt;", "'": "&#39;", "&": "&amp;"]
    let expected = name.unicodeScalars.map { escaped["\($0)"] ?? "\($0)" }.joined()
      .replacing(">", with: "&gt;")
    #expect(Data(page.utf8).range(of: Data(expected.utf8)) != nil)
  }

  @Test("asks nothing of the network and runs no script")
  func isAlone() throws {
    var page = EvaluationPage(
      title: "t", subtitle: "s",
      figures: [
        EvaluationPage.Figures(title: "f", heading: ["figure", "value"], rows: [["EER", "1"]])
      ])
    page.plots = ScorePlots(try #require(ROC(genuine: [1, 0.5, 0.2], impostor: [0.6, 0.1]))).all
    page.facts = [["seed", "0"]]
    let picture = Picture(width: 2, height: 1, channels: 3, pixels: [255, 0, 0, 0, 0, 255])
    page.galleries = [
      EvaluationPage.Gallery(
        title: "g", text: "", exhibits: [EvaluationPage.Exhibit([(picture, "two")], caption: "c")])
    ]
    let html = try page.html()
    #expect(html.contains("src=\"data:image/jpeg;base64,/9j/"))
    for forbidden in ["http", "<script", "@import", "url("] { #expect(!html.contains(forbidden)) }
    #expect(html.contains("<svg") && html.contains("</html>"))
  }

  @Test("has round numbers on its axes")
  func ticks() {
    let scale = AxisScale.linear
    #expect(scale.ticks(0...1).map { ($0 * 10).rounded() } == [0, 2, 4, 6, 8, 10])
    #expect(scale.ticks(0...37) == [0, 10, 20, 30])
    #expect(scale.ticks(3...3) == [3])
    #expect(scale.ticks(-0.35 ... -0.05).allSatisfy { (-0.35 ... -0.05).contains($0) })
    #expect(AxisScale.logarithmic.ticks(1e-3...1).map { log10($0).rounded() } == [-3, -2, -1, 0])
    #expect(AxisScale.normalDeviate.ticks(0.02...0.3) == [0.05, 0.1, 0.2])
  }

  @Test("draws genuine scores in the first colour and impostor scores in the second")
  func histograms() throws {
    // The genuine scores lie at the right end, the impostor scores at the left; three in one step.
    var page = EvaluationPage(title: "t", subtitle: "s", figures: [])
    page.plots = ScorePlots(try #require(ROC(genuine: [0.99, 1, 1], impostor: [0, 0.01]))).all
    let plot = try #require(page.charts["scores.svg"])
    /// The highest place of an outline; y grows downwards.
    func top(_ style: String) throws -> (x: Double, y: Double) {
      let match = try #require(
        plot.matches(of: /<polyline class="([a-z]+)" fill="none" points="([^"]+)"/)
          .first { $0.1 == style })
      let points = match.2.split(separator: " ").map { point in
        point.split(separator: ",").compactMap { Double($0) }
      }
      let highest = try #require(points.min { $0[1] < $1[1] })
      return (highest[0], highest[1])
    }
    let (genuine, impostor) = (try top("one"), try top("two"))
    #expect(genuine.x > impostor.x)
    // All of either kind lie in one step, so that both are as high.
    #expect(abs(genuine.y - impostor.y) < 0.2)
    for (style, name) in [("one", "genuine"), ("two", "impostor")] {
      let legend = try Regex("<rect class=\"\(style)\" [^>]*height=\"10\"/><text[^>]*>\(name)<")
      #expect(plot.contains(legend))
    }
  }
}
