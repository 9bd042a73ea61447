import Evaluate
import Plots

/// The page of an evaluation: its results, its curves, its worst mistakes and what it depends on.
public struct EvaluationPage {
  /// A table of figures with a title.
  public struct Figures {
    let title: String
    let text: String
    let heading: [String]
    let rows: [[String]]

    /// Creates a table; each row has as many cells as the heading.
    public init(title: String, text: String = "", heading: [String], rows: [[String]]) {
      self.title = title
      self.text = text
      self.heading = heading
      self.rows = rows
    }
  }

  /// Pictures with a caption.
  public struct Exhibit {
    let pictures: [(picture: Picture, description: String)]
    let caption: String
    let width: Int
    let isExact: Bool

    /// Creates an exhibit of pictures with descriptions for readers that do not see them.
    ///
    /// - Parameters:
    ///   - pictures: the pictures.
    ///   - caption: the text below.
    ///   - width: the width of each on the page in pixels.
    ///   - isExact: whether the pixels are kept without loss and stay visible when enlarged.
    public init(
      _ pictures: [(picture: Picture, description: String)], caption: String, width: Int = 105,
      isExact: Bool = false
    ) {
      self.pictures = pictures
      self.caption = caption
      self.width = width
      self.isExact = isExact
    }
  }

  /// Exhibits under a title.
  public struct Gallery {
    let title: String
    let text: String
    let exhibits: [Exhibit]

    /// Creates a gallery.
    public init(title: String, text: String, exhibits: [Exhibit]) {
      self.title = title
      self.text = text
      self.exhibits = exhibits
    }
  }

  /// The heading.
  public var title: String
  /// The line below it.
  public var subtitle: String
  /// The result in one sentence; "" for none.
  public var summary = ""
  /// The most important numbers with their names.
  public var tiles: [(name: String, value: String)] = []
  /// Whether it is known that nothing tested was trained on, with a sentence; "" for none.
  ///
  /// `false` if the contrary is known, `nil` if neither is.
  public var cleanliness: (isClean: Bool?, text: String) = (nil, "")
  /// Warnings for the reader of the results, as sentences.
  public var warnings: [String] = []
  /// The results, first the most important ones.
  public var figures: [Figures]
  /// The text above the charts.
  public var curves =
    "FAR and FRR are per comparison; a score is larger when two images are more alike."
  /// The charts by file name.
  public var plots: [(file: String, plot: Plot)] = []
  /// Drawings that are no charts, as SVG.
  public var drawings: [(title: String, svg: String)] = []
  /// The pictures.
  public var galleries: [Gallery] = []
  /// Names and values of the inputs that determine the results.
  public var facts: [[String]] = []

  /// Creates a page with a title and its first table.
  public init(title: String, subtitle: String, figures: [Figures]) {
    self.title = title
    self.subtitle = subtitle
    self.figures = figures
  }

  /// The page as one HTML file.
  public func html() throws -> String {
    var sections = figures.enumerated().map { place, table in
      Page.Section(
        title: table.title, text: table.text, warnings: place == 0 ? warnings : [],
        table: Page.Table(heading: table.heading, rows: table.rows))
    }
    sections.insert(contentsOf: verdict, at: 0)
    if !plots.isEmpty {
      sections.insert(
        Page.Section(
          title: "Curves",
          text: curves,
          plots: plots.map(\.plot)), at: min(verdict.count + 1, sections.count))
    }
    sections += galleries.map { gallery in
      Page.Section(
        title: gallery.title, text: gallery.text,
        exhibits: gallery.exhibits.map {
          Page.Exhibit(
            pictures: $0.pictures, caption: $0.caption, width: $0.width, isExact: $0.isExact)
        })
    }
    sections += drawings.map { Page.Section(title: $0.title, drawings: [$0.svg]) }
    if !facts.isEmpty {
      sections.append(
        Page.Section(
          title: "What the results are a function of",
          table: Page.Table(heading: ["what", "value"], rows: facts)))
    }
    return try Page(title: title, subtitle: subtitle, sections: sections).render()
  }

  private var verdict: [Page.Section] {
    guard !summary.isEmpty else { return [] }
    let level: Page.Finding.Level = cleanliness.isClean.map { $0 ? .good : .wrong } ?? .notice
    return [
      Page.Section(
        title: "Result", tiles: tiles,
        findings: cleanliness.text.isEmpty
          ? [] : [Page.Finding(level: level, text: cleanliness.text)], text: summary)
    ]
  }

  /// The charts as SVG files, by file name.
  public var charts: [String: String] {
    Dictionary(uniqueKeysWithValues: plots.map { ($0.file, $0.plot.document) })
  }
}
