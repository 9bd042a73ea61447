import Evaluate
import Testing

@testable import Report

@Suite("A report")
struct ReportTests {
  @Test("escapes what users' files are called")
  func escapes() throws {
    let name = "<script>alert(\"1\")</script> & co"
    let page = try Page(
      title: name, subtitle: name,
      sections: [
        Page.Section(
          title: name, text: name, table: Page.Table(heading: [name], rows: [[name]]),
          plots: [
            Plot(title: name, xLabel: name, yLabel: name, x: 0...1, y: 0...1, marks: [])
          ])
      ]
    ).render()
    #expect(!page.contains("<script"))
    #expect(page.contains("&lt;script&gt;"))
  }

  @Test("asks nothing of the network and runs no script")
  func isAlone() throws {
    let scores =
      [1.0, 0.5, 0.2].map { Comparison(score: $0, isGenuine: true) }
      + [0.6, 0.1].map { Comparison(score: $0, isGenuine: false) }
    let evaluation = try #require(Evaluation(scores))
    let html = try EvaluationPage(
      title: "t", subtitle: "s", figures: [["EER", "1"]], facts: [["seed", "0"]],
      comparisons: scores, evaluation: evaluation
    ).html()
    for forbidden in ["http", "<script", "@import", "url("] { #expect(!html.contains(forbidden)) }
    #expect(html.contains("<svg") && html.contains("</html>"))
  }

  @Test("has round numbers on its axes")
  func ticks() {
    #expect(Plot.ticks(0...1).map { ($0 * 10).rounded() } == [0, 2, 4, 6, 8, 10])
    #expect(Plot.ticks(0...37) == [0, 10, 20, 30])
    #expect(Plot.ticks(3...3) == [3])
    #expect(Plot.ticks(-0.35 ... -0.05).allSatisfy { (-0.35 ... -0.05).contains($0) })
  }
}
