import Evaluate
import Plots
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

  @Test("draws genuine scores in the first colour and impostor scores in the second")
  func histograms() throws {
    // The genuine scores lie at the right end, the impostor scores at the left; three in one bar.
    let scores =
      [0.99, 1.0, 1.0].map { Comparison(score: $0, isGenuine: true) }
      + [0.0, 0.01].map { Comparison(score: $0, isGenuine: false) }
    let page = EvaluationPage(
      title: "t", subtitle: "s", figures: [], facts: [], comparisons: scores,
      evaluation: try #require(Evaluation(scores)))
    let plot = try #require(page.charts["scores.svg"])
    func bars(_ style: String) -> [(x: Double, height: Double)] {
      plot.matches(
        of: /<rect class="([a-z]+)" x="([0-9.]+)" y="[0-9.]+" width="([0-9.]+)" height="([0-9.]+)"/
      ).compactMap { match in
        // The legend's squares are as high as wide.
        guard match.1 == style, match.3 != match.4, let x = Double(match.2),
          let height = Double(match.4)
        else { return nil }
        return (x, height)
      }
    }
    let (genuine, impostor) = (bars("one"), bars("two"))
    #expect(genuine.count == 1 && impostor.count == 1, "\(plot)")
    let (right, left) = (try #require(genuine.first), try #require(impostor.first))
    #expect(right.x > left.x)
    // All of either kind lie in one bar, so that both are as high.
    #expect(abs(right.height - left.height) < 0.2)
    for (style, name) in [("one", "genuine"), ("two", "impostor")] {
      let legend = try Regex("<rect class=\"\(style)\" [^>]*height=\"10\"/><text[^>]*>\(name)<")
      #expect(plot.contains(legend))
    }
  }
}
