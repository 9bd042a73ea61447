import Plots

/// The parts of a dataset page about one dataset: its identities, its original images and their quality.
struct DatasetSections {
  private let dataset: DatasetStatistics.Dataset
  private let size: SampleSize
  private let pictures: DatasetPictures?

  init(
    _ dataset: DatasetStatistics.Dataset, _ size: SampleSize, _ pictures: DatasetPictures? = nil
  ) {
    self.dataset = dataset
    self.size = size
    self.pictures = pictures
  }

  var sections: [Page.Section] {
    get throws {
      guard dataset.samples > 0 else {
        return [
          Page.Section(title: "Dataset \(name)", text: "No file of it became a sample.")
        ]
      }
      let isConstant = dataset.samplesPerIdentity.count == 1
      return [identities] + (isConstant ? [] : [most]) + [originals, faces] + (try quality)
    }
  }

  private var name: String { dataset.name.isolated }

  /// The groups of numbers of samples, as in reports on LFW.
  private static let groups: [(name: String, range: ClosedRange<Int>)] = [
    ("1", 1...1), ("2", 2...2), ("3", 3...3), ("4", 4...4), ("5", 5...5), ("6-10", 6...10),
    ("11-50", 11...50), ("more than 50", 51...Int.max),
  ]

  private func identities(in range: ClosedRange<Int>) -> Int {
    dataset.samplesPerIdentity.filter { range.contains($0.samples) }.reduce(0) {
      $0 + $1.identities
    }
  }

  private var identities: Page.Section {
    let bins = dataset.samplesPerIdentity
    if bins.count == 1 {
      return Page.Section(
        title: "Identities of \(name)",
        text: "Each of the \(dataset.identities.grouped) identities has \(bins[0].samples) "
          + "\(bins[0].samples == 1 ? "sample" : "samples").")
    }
    let rows = Self.groups.map { [$0.name, identities(in: $0.range).grouped] }
    return Page.Section(
      title: "Identities of \(name)",
      text:
        "\(dataset.identitiesWithTwo.grouped) of \(dataset.identities.grouped) identities have two "
        + "or more samples, \(identities(in: 6...Int.max).grouped) more than 5, "
        + "\(identities(in: 51...Int.max).grouped) more than 50.",
      table: Page.Table(heading: ["samples", "identities"], rows: rows), plots: [atLeast, groups])
  }

  private var most: Page.Section {
    Page.Section(
      title: "Identities of \(name) with the most samples",
      table: Page.Table(
        heading: ["identity", "samples"],
        rows: dataset.mostSamples.map { [$0.name, $0.samples.grouped] }))
  }

  /// The number of identities that have at least n samples, for each n, as steps.
  var atLeast: Plot {
    var left = dataset.identities
    var points: [(x: Double, y: Double)] = [(1, Double(left))]
    for bin in dataset.samplesPerIdentity {
      points.append((Double(bin.samples), Double(left)))
      left -= bin.identities
      if left > 0 { points.append((Double(bin.samples), Double(left))) }
    }
    let most = Double(dataset.samplesPerIdentity.last?.samples ?? 1)
    var plot = Plot(
      title: "Identities of \(dataset.name) with at least n samples", xLabel: "n samples",
      yLabel: "identities", x: 1...max(most, 2), y: 1...Double(max(dataset.identities, 2)),
      marks: [.line(points, style: "one")],
      legend: [
        (
          [1, 2, 5, 50].map { ($0, identities(in: $0...Int.max)) }.filter { $0.1 > 0 }
            .map { "n = \($0): \($1.grouped)" }.joined(separator: ", "), "two"
        )
      ])
    plot.marks += [1, 2, 5, 50].compactMap { count in
      let number = identities(in: count...Int.max)
      return number > 0 ? .point(x: Double(count), y: Double(number), style: "two") : nil
    }
    plot.xScale = .logarithmic
    plot.yScale = .logarithmic
    return plot
  }

  private var groups: Plot {
    let counts = Self.groups.map { Double(identities(in: $0.range)) }
    var plot = Plot(
      title: "Identities of \(dataset.name) by samples", xLabel: "samples", yLabel: "identities",
      x: 0.5...8.5, y: 0...max(counts.max() ?? 1, 1),
      marks: [
        .bars(counts.enumerated().map { (Double($0) + 0.6, $1) }, width: 0.8, style: "one")
      ])
    plot.xNames = Self.groups.enumerated().map {
      (Double($0 + 1), $1.range.upperBound == .max ? "> 50" : $1.name)
    }
    return plot
  }

  private var originals: Page.Section {
    let sizes = dataset.originals
    let words =
      sizes.sizes.count == 1
      ? "All are \(sizes.sizes[0].width) x \(sizes.sizes[0].height) pixels; "
      : "\(sizes.differentSizes.grouped) different sizes"
        + (sizes.differentSizes > sizes.sizes.count
          ? ", of which the chart has the \(sizes.sizes.count) most frequent; " : "; ")
    let share = Double(sizes.smaller) / Double(max(dataset.samples, 1))
    var section = Page.Section(
      title: "Original images of \(name)",
      text: words
        + "\(sizes.smaller.grouped) of \(dataset.samples.grouped) images "
        + "(\((share * 1_000).rounded() / 10) %) are smaller than a sample in width or height.",
      table: sources)
    if sizes.sizes.count > 1 { section.plots = [sizePlot] }
    return section
  }

  private var sources: Page.Table? {
    let sources = dataset.sources
    guard !sources.formats.isEmpty else { return nil }
    let rows =
      sources.formats.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { ["format \($0.key)", $0.value.grouped] }
      + sources.channels.sorted { $0.key < $1.key }.map {
        ["\($0.key) \($0.key == 1 ? "channel" : "channels")", $0.value.grouped]
      }
      + sources.orientations.sorted { $0.key < $1.key }.map {
        ["EXIF orientation \($0.key)", $0.value.grouped]
      }
    return Page.Table(heading: ["source files", "samples"], rows: rows)
  }

  private var sizePlot: Plot {
    let sizes = dataset.originals.sizes
    let largest = Double(sizes.map(\.samples).max() ?? 1)
    var plot = Plot(
      title: "Width and height of the originals", xLabel: "width in pixels",
      yLabel: "height in pixels", x: Self.range(sizes.map(\.width) + [size.width]),
      y: Self.range(sizes.map(\.height) + [size.height]),
      marks: sizes.map {
        .point(
          x: Double($0.width), y: Double($0.height), style: "one",
          radius: 2 + 5 * (Double($0.samples) / largest).squareRoot())
      }, legend: [("originals, larger for more samples", "one"), ("size of the sample", "two")])
    plot.marks.append(
      .point(x: Double(size.width), y: Double(size.height), style: "two", radius: 4))
    plot.xScale = .logarithmic
    plot.yScale = .logarithmic
    return plot
  }

  private static func range(_ values: [Int]) -> ClosedRange<Double> {
    let (low, high) = (max(Double(values.min() ?? 1), 1), Double(values.max() ?? 2))
    return low * 0.9...max(high, low + 1) * 1.1
  }

  private var faces: Page.Section {
    let faces = dataset.originals.faces
    guard !faces.isEmpty else {
      return Page.Section(title: "Faces in \(name)", text: "Faces were not looked for.")
    }
    let widths = dataset.faceWidths
    return Page.Section(
      title: "Faces in \(name)",
      text: widths.count == 5
        ? "The chosen face is \(widths[0]) to \(widths[4]) pixels wide in the original, half of them "
          + "\(widths[1]) to \(widths[3])." : "",
      table: Page.Table(
        heading: ["faces found", "samples"],
        rows: [("none", 0), ("one", 1), ("several", 2)].map {
          [$0.0, (faces[$0.1] ?? 0).grouped]
        }))
  }

  private var quality: [Page.Section] {
    get throws {
      guard !dataset.quality.isEmpty else {
        return [
          Page.Section(
            title: "Quality of \(name)",
            text:
              "Not measured: an earlier version made this store. prep ingest into another folder "
              + "measures it.")
        ]
      }
      return try dataset.quality.map { property in
        Page.Section(
          title: "\(property.name.capitalized) of \(name)",
          text: "\(Self.meaning[property.name] ?? "") Mean: "
            + "\((property.mean * 10).rounded() / 10).\(remark(property))",
          plots: [Self.plot(property)],
          exhibits: try [
            ("The lowest", property.lowest), ("The highest", property.highest),
          ].compactMap { try exhibit($0, $1) })
      }
    }
  }

  /// What the chart leaves out.
  private func remark(_ property: QualityStatistics) -> String {
    let measured = property.counts.reduce(0, +)
    var words =
      measured == dataset.samples
      ? ""
      : " Of \(dataset.samples.grouped) samples \(measured.grouped) were measured; an earlier version "
        + "stored the others."
    if property.name == "sharpness", property.counts[0] > 0 {
      words += " The chart leaves out \(property.counts[0].grouped) below 1."
    }
    return words
  }

  private static let meaning = [
    "brightness": "The mean luma of the sample, 0 to 255.",
    "contrast": "The standard deviation of the sample's luma.",
    "sharpness":
      "The variance of the Laplacian of the sample's luma; blurred images have a small one.",
  ]

  private static func plot(_ property: QualityStatistics) -> Plot {
    let counts = property.counts.map(Double.init)
    // A logarithmic axis cannot start at zero.
    let isLogarithmic = property.name == "sharpness"
    var first = 0
    var last = counts.count - 1
    if isLogarithmic {
      first = max(counts.firstIndex { $0 > 0 } ?? 0, 1)
      last = max(counts.lastIndex { $0 > 0 } ?? first, first)
    }
    let edges = property.edges
    let bars = (first...last).map { place in
      [(edges[place], counts[place]), (edges[place + 1], counts[place])]
    }
    let outline =
      [(edges[first], 0)] + bars.flatMap(\.self) + [(edges[last + 1], 0)]
    var plot = Plot(
      title: "Samples by \(property.name)", xLabel: property.name, yLabel: "samples",
      x: edges[first]...edges[last + 1], y: 0...max(counts.max() ?? 1, 1),
      marks: [.line(outline.map { (x: $0.0, y: $0.1) }, style: "one")])
    if isLogarithmic { plot.xScale = .logarithmic }
    return plot
  }

  private func exhibit(
    _ title: String, _ list: [QualityStatistics.Extreme]
  ) throws -> Page.Exhibit? {
    guard let pictures, let first = list.first, let last = list.last else { return nil }
    let shown: [DatasetPictures.Described] = try list.compactMap { one in
      try pictures.picture(one.id).map { ($0, one.path.shortened().isolated) }
    }
    guard !shown.isEmpty else { return nil }
    func words(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
    return Page.Exhibit(
      pictures: shown, caption: "\(title): \(words(first.value)) to \(words(last.value))", width: 56
    )
  }
}

extension DatasetStatistics {
  /// The charts as SVG files, by file name.
  public var charts: [String: String] {
    Dictionary(
      uniqueKeysWithValues: datasets.filter { $0.samples > 0 }.map { dataset in
        (
          "identities-\(dataset.name).svg",
          DatasetSections(dataset, sampleSize).atLeast.document
        )
      })
  }
}
