import Catalog
import Foundation

/// Histograms of one property of a dataset's samples, and the samples at both ends.
public struct QualityStatistics: Codable, Sendable, Equatable {
  /// A sample and its value.
  public struct Extreme: Codable, Sendable, Equatable {
    /// The file, relative to the dataset's root.
    public let path: String
    /// The value.
    public let value: Double
    /// The sample's id; not part of the JSON.
    let id: Int

    private enum CodingKeys: String, CodingKey { case path, value }

    init(path: String, value: Double, id: Int) {
      self.path = path
      self.value = value
      self.id = id
    }

    /// Reads an extreme from JSON.
    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      path = try values.decode(String.self, forKey: .path)
      value = try values.decode(Double.self, forKey: .value)
      id = -1
    }
  }

  /// The property: brightness, contrast or sharpness.
  public let name: String
  /// The lower ends of the histogram's bins, and the upper end of the last one.
  public let edges: [Double]
  /// Number of samples in each bin.
  public let counts: [Int]
  /// The mean over all samples.
  public let mean: Double
  /// The samples with the smallest values, ascending.
  public let lowest: [Extreme]
  /// The samples with the greatest values, descending.
  public let highest: [Extreme]

  /// Number of samples at each end.
  private static let shown = 10

  /// Reads the quality of a dataset's samples in one pass; empty if the store does not have it.
  static func all(_ dataset: String, _ catalog: Catalog) throws(CatalogError) -> [QualityStatistics]
  {
    var properties = [
      Property("brightness", edges: (0...16).map { Double($0) * 16 }) { $0.brightness },
      Property("contrast", edges: (0...16).map { Double($0) * 8 }) { $0.contrast },
      // Powers of the square root of two: sharpness spans several powers of ten.
      Property("sharpness", edges: [0] + (0...40).map { exp2(Double($0) / 2) }) { $0.sharpness },
    ]
    try catalog.forEachQuality(dataset: dataset) { quality in
      for place in properties.indices { properties[place].add(quality) }
    }
    guard properties[0].count > 0 else { return [] }
    let ids = properties.flatMap { ($0.lowest + $0.highest).map { $0.id } }
    let images = try catalog.images(ids)
    return properties.map { $0.statistics(images, shown: shown) }
  }

  /// One property while the samples are read.
  private struct Property {
    let name: String
    let edges: [Double]
    let value: (SampleQuality) -> Double
    private var counts: [Int]
    private var sum = 0.0
    private(set) var count = 0
    private(set) var lowest: [(id: Int, value: Double)] = []
    private(set) var highest: [(id: Int, value: Double)] = []

    init(_ name: String, edges: [Double], _ value: @escaping (SampleQuality) -> Double) {
      self.name = name
      self.edges = edges
      self.value = value
      counts = Array(repeating: 0, count: edges.count - 1)
    }

    mutating func add(_ quality: SampleQuality) {
      let value = value(quality)
      count += 1
      sum += value
      let bin = (edges.firstIndex { $0 > value } ?? edges.count) - 1
      counts[min(max(bin, 0), counts.count - 1)] += 1
      Self.insert((quality.id, value), into: &lowest, before: <)
      Self.insert((quality.id, value), into: &highest, before: >)
    }

    /// Keeps the first samples of an order; of equal ones those with the smaller id.
    private static func insert(
      _ one: (id: Int, value: Double), into list: inout [(id: Int, value: Double)],
      before: (Double, Double) -> Bool
    ) {
      if list.count == QualityStatistics.shown, let last = list.last, !before(one.value, last.value)
      {
        return
      }
      let place = list.firstIndex { before(one.value, $0.value) } ?? list.count
      list.insert(one, at: place)
      if list.count > QualityStatistics.shown { list.removeLast() }
    }

    func statistics(_ images: [Int: ImageKey], shown: Int) -> QualityStatistics {
      func named(_ list: [(id: Int, value: Double)]) -> [Extreme] {
        list.map { Extreme(path: images[$0.id]?.path ?? "", value: $0.value, id: $0.id) }
      }
      return QualityStatistics(
        name: name, edges: edges, counts: counts, mean: sum / Double(max(count, 1)),
        lowest: named(lowest), highest: named(highest))
    }
  }
}
