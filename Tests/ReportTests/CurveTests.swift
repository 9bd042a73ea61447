import Evaluate
import Testing

@testable import Plots
@testable import Report

/// The curves of a report, and what a chart says besides its lines.
@Suite("A chart")
struct CurveTests {
  private let roc: ROC?

  init() {
    // 5,000 of each kind, overlapping, all different.
    roc = ROC(
      genuine: (0..<5_000).map { Double($0) * 0.37 },
      impostor: (0..<5_000).map { Double($0) * 0.29 - 300.1 })
  }

  private func line(_ plot: Plot) -> [(x: Double, y: Double)] {
    for case .line(let points, "one") in plot.marks { return points }
    return []
  }

  @Test("has at most 500 points of a long curve, both ends, and enough where few are accepted")
  func thinned() throws {
    let roc = try #require(roc)
    #expect(roc.curve.count > 1_000)
    let plots = ScorePlots(roc).all
    let (rates, logarithmic) = (plots[0].plot, plots[1].plot)
    let points = line(rates)
    #expect(points.count <= 500 && points.count > 200)
    let whole = roc.curve
    #expect(points.first?.x == whole.first?.far && points.last?.x == whole.last?.far)
    // Every point is one of the curve.
    let all = Set(whole.map { [$0.far, $0.gar] })
    #expect(points.allSatisfy { all.contains([$0.x, $0.y]) })
    #expect(zip(points, points.dropFirst()).allSatisfy { $0.x <= $1.x && $0.y <= $1.y })
    #expect(zip(points, points.dropFirst()).allSatisfy { $1.x - $0.x < 0.02 })
    // Of each decade of the logarithmic axis, as many points as the curve has, or many.
    for decade in [0.0002...0.001, 0.001...0.01, 0.01...0.1] {
      let few = Set(whole.map(\.far).filter(decade.contains)).count
      let shown = Set(line(logarithmic).map(\.x).filter(decade.contains)).count
      #expect(few > 3 && shown >= min(few, 25), "\(shown) of \(few) in \(decade)")
    }
  }

  @Test("is shaded where fewer than ten false accepts stand behind it")
  func shaded() throws {
    let plot = try #require(roc.map { ScorePlots($0).all[1].plot })
    var bands: [[Double]] = []
    for case .band(let points, "few") in plot.marks { bands.append(points.map(\.x)) }
    #expect(bands.count == 1 && bands[0].last == 10.0 / 5_000 && bands[0][0] < 1e-3)
    #expect(plot.legend.contains { $0.name == "fewer than ten false accepts" })
  }

  @Test("has its values as a table, thinned, with the names of the series")
  func data() {
    let plot = Plot(
      title: "t", xLabel: "x", yLabel: "y", x: 0...1_000, y: 0...1,
      marks: [
        .line((0..<1_000).map { (Double($0), 0.5) }, style: "one"),
        .band([(1, 0.25, 0.75)], style: "two"), .point(x: 3, y: 1, style: "three"),
        .bars([(5, 2)], width: 1, style: "one"),
      ], legend: [("first", "one"), ("second", "two")])
    let rows = plot.data
    #expect(rows.count { $0[0] == "first" } <= 61 && rows[0] == ["first", "0", "0.5"])
    #expect(rows.contains(["second", "1", "0.25 to 0.75"]) && rows.contains(["", "3", "1"]))
    #expect(rows.last == ["first", "5", "2"] && rows.allSatisfy { $0.count == 3 })
  }

  @Test("has a title, a description, and a legend above everything that is drawn")
  func legend() throws {
    let plot = Plot(
      title: "Rates & more", xLabel: "time", yLabel: "rate", x: 0...1, y: 0...1,
      marks: [.line([(0, 1), (1, 1)], style: "one")],
      legend: [("a", "one"), (String(repeating: "long ", count: 40), "two")])
    #expect(plot.svg.contains("<title>Rates &amp; more</title><desc>rate over time</desc>"))
    let texts = plot.svg.matches(of: /<text x="[0-9.]+" y="([0-9.]+)" text-anchor="start">([^<]*)</)
    let top = try #require(
      plot.svg.firstMatch(of: /<polyline class="one" fill="none" points="[0-9.]+,([0-9.]+)/))
    #expect(texts.count == 2)
    for text in texts { #expect(Double(text.1) ?? 999 < Double(top.1) ?? 0) }
    #expect(texts.allSatisfy { $0.2.count <= 56 })
  }

  @Test("has names instead of numbers along an axis if asked, and steps of 1, 2, 5 if it is short")
  func axes() {
    var plot = Plot(title: "t", xLabel: "x", yLabel: "y", x: 0...3, y: 0...1, marks: [])
    plot.xNames = [(1, "6-10"), (2, "> 50")]
    #expect(plot.svg.contains(">6-10<") && plot.svg.contains(">&gt; 50<"))
    #expect(AxisScale.logarithmic.ticks(30...300) == [50, 100, 200])
    #expect(AxisScale.logarithmic.ticks(1...1_000) == [1, 10, 100, 1_000])
  }

  @Test("stands beside names that do not turn the text around")
  func names() {
    #expect("a\u{202E}b\u{2069}c".isolated == "\u{2068}a\u{FFFD}b\u{FFFD}c\u{2069}")
    let long = String(repeating: "x", count: 100) + "/end.jpg"
    #expect(long.shortened().count <= 60 && long.shortened().hasSuffix("/end.jpg"))
    #expect("short".shortened() == "short")
    #expect([0, 999, 1_000, -1_234_567].map(\.grouped) == ["0", "999", "1,000", "-1,234,567"])
  }

  @Test("stands on a page without empty elements, with heads, captions and links")
  func page() throws {
    let html = try Page(
      title: "t", subtitle: "s",
      sections: [
        Page.Section(
          title: "One",
          findings: [
            Page.Finding(level: .wrong, text: "bad", evidence: "two", evidenceName: "part two")
          ]),
        Page.Section(
          title: "Two", id: "two", table: Page.Table(heading: ["a", "b"], rows: [["x", "1,234"]])),
      ]
    ).render()
    for empty in [
      "<p></p>", "id=\"\"", "<caption></caption>", "class=\"tiles\"></ul>",
      "class=\"plots\">\n</div>", "class=\"exhibits\">\n</div>",
    ] { #expect(!html.contains(empty), "\(empty)") }
    #expect(html.contains("<li class=\"wrong\">bad <a href=\"#two\">See part two.</a></li>"))
    #expect(html.contains("<h2 id=\"two\">Two</h2>") && html.contains("<main>"))
    #expect(html.contains("<th scope=\"col\" class=\"number\">b</th>"))
    #expect(html.contains("<th scope=\"row\" class=\"text\"><bdi>x</bdi></th>"))
    #expect(html.contains("<caption class=\"heard\">Two</caption>"))
  }
}
