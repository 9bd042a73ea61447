import Plots

/// The parts of a dataset page about one dataset: its identities and its original images.
struct DatasetSections {
  private let dataset: DatasetStatistics.Dataset

  init(_ dataset: DatasetStatistics.Dataset) { self.dataset = dataset }

  var sections: [Page.Section] { [identities, originals] }

  /// The groups of numbers of samples, as in reports on LFW.
  private static let groups: [(name: String, range: ClosedRange<Int>)] = [
    ("1", 1...1), ("2", 2...2), ("3", 3...3), ("4", 4...4), ("5", 5...5), ("6-10", 6...10),
    ("11-50", 11...50), ("more than 50", 51...Int.max),
  ]

  private var identities: Page.Section {
    let bins = dataset.samplesPerIdentity
    if bins.count == 1 {
      return Page.Section(
        title: "Identities of \(dataset.name)",
        text: "Each of the \(dataset.identities.grouped) identities has \(bins[0].samples) samples."
      )
    }
    let rows = Self.groups.map { group in
      [
        group.name,
        bins.filter { group.range.contains($0.samples) }.reduce(0) { $0 + $1.identities }.grouped,
      ]
    }
    return Page.Section(
      title: "Identities of \(dataset.name)",
      text:
        "\(dataset.identitiesWithTwo.grouped) of \(dataset.identities.grouped) identities have two "
        + "or more samples. The most have: "
        + dataset.mostSamples.map { "\($0.name) \($0.samples)" }.joined(separator: ", ") + ".",
      table: Page.Table(heading: ["samples", "identities"], rows: rows), plots: [atLeast])
  }

  /// The number of identities that have at least n samples, for each n.
  var atLeast: Plot {
    let bins = dataset.samplesPerIdentity
    var left = dataset.identities
    var points: [(x: Double, y: Double)] = []
    for bin in bins {
      points.append((Double(bin.samples), Double(left)))
      left -= bin.identities
    }
    let most = Double(bins.last?.samples ?? 1)
    var plot = Plot(
      title: "Identities of \(dataset.name) with at least n samples", xLabel: "n samples",
      yLabel: "identities", x: 1...max(most, 2), y: 1...Double(max(dataset.identities, 2)),
      marks: [.line(points, style: "one")]
        + [1, 2, 5, 50].compactMap { count in
          points.first { $0.x >= Double(count) }.map { .point(x: $0.x, y: $0.y, style: "two") }
        })
    plot.xScale = .logarithmic
    plot.yScale = .logarithmic
    return plot
  }

  private var originals: Page.Section {
    let sizes = dataset.originals
    let faces =
      sizes.faces.isEmpty
      ? "Faces were not looked for."
      : "Faces found: none in \((sizes.faces[0] ?? 0).grouped), one in "
        + "\((sizes.faces[1] ?? 0).grouped), several in \((sizes.faces[2] ?? 0).grouped) samples."
    if sizes.sizes.count == 1 {
      return Page.Section(
        title: "Original images of \(dataset.name)",
        text: "All are \(sizes.sizes[0].width) x \(sizes.sizes[0].height) pixels. "
          + "\(sizes.enlarged.grouped) were enlarged. \(faces)")
    }
    let (widths, heights) = (sizes.sizes.map(\.width), sizes.sizes.map(\.height))
    var plot = Plot(
      title: "Width and height of the originals", xLabel: "width in pixels",
      yLabel: "height in pixels", x: Self.range(widths), y: Self.range(heights),
      marks: sizes.sizes.map {
        .point(x: Double($0.width), y: Double($0.height), style: "one")
      })
    plot.xScale = .logarithmic
    plot.yScale = .logarithmic
    return Page.Section(
      title: "Original images of \(dataset.name)",
      text: "\(sizes.differentSizes.grouped) different sizes; \(sizes.enlarged.grouped) of "
        + "\(dataset.samples.grouped) images were enlarged. \(faces)", plots: [plot])
  }

  private static func range(_ values: [Int]) -> ClosedRange<Double> {
    let (low, high) = (Double(values.min() ?? 1), Double(values.max() ?? 2))
    return low * 0.9...max(high, low + 1) * 1.1
  }
}

extension DatasetStatistics {
  /// The charts as SVG files, by file name.
  public var charts: [String: String] {
    Dictionary(
      uniqueKeysWithValues: datasets.map { dataset in
        ("identities-\(dataset.name).svg", DatasetSections(dataset).atLeast.document)
      })
  }
}
