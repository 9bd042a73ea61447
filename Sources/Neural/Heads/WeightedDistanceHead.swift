import Configuration

/// The options of a ``WeightedDistanceHead``.
struct WeightedDistance: HeadKind {
  package static let name = "weighted-distance"
  package static var optionNames: [String]? {
    [CodingKeys.distance.rawValue] + HeadOptions.CodingKeys.allCases.map(\.rawValue)
  }

  /// The distance; Euclidean or cosine.
  let distance: Distance
  /// The options of the weights.
  let options: HeadOptions

  private enum CodingKeys: String, CodingKey {
    case distance
  }

  init(distance: Distance, options: HeadOptions = HeadOptions()) {
    self.distance = distance
    self.options = options
  }

  init(from decoder: any Decoder) throws {
    distance = try decoder.container(keyedBy: CodingKeys.self).decode(
      Distance.self, forKey: .distance)
    options = try HeadOptions(from: decoder)
    guard distance == .euclidean || distance == .cosine else {
      throw DecodingError.at(
        decoder.codingPath, "the distance of a \(Self.name) head must be euclidean or cosine")
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(distance, forKey: .distance)
    try options.encode(to: encoder)
  }

  func parameters(embeddingLength: Int) -> Int { 2 }

  func make(length: Int, seed: Int, isTrainable: Bool) throws(NeuralError) -> any PairHead {
    try WeightedDistanceHead(
      self, length: length, seed: seed, isTrainable: isTrainable)
  }
}

/// The head that compares two embeddings by their distance D: z = bias + w D, the logit of both
/// being of the same person.
///
/// Training makes w negative. Source: lecture slides on twin networks: Euclidean or cosine
/// difference, then a dense layer of one unit with a sigmoid.
///
/// A class because it owns weights that the optimiser updates.
final class WeightedDistanceHead: PairHead {
  /// The weight, `[1, 1]`, and the bias.
  let parameters: [Parameter]
  let length: Int
  private let distance: Distance

  init(
    _ kind: WeightedDistance, length: Int, seed: Int, isTrainable: Bool
  ) throws(NeuralError) {
    self.length = length
    distance = kind.distance
    parameters = try kind.options.parameters(count: 1, seed: seed, isTrainable: isTrainable)
  }

  var rule: ScoreRule {
    .weightedDistance(
      distance, weight: parameters[0].values.start[0], bias: parameters[1].values.start[0])
  }

  func score(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>) -> Float {
    parameters[1].values.start[0]
      + parameters[0].values.start[0] * Float(distance.between(left, right, length: length))
  }

  func differentiate(_ gradient: Float, _ rows: PairRows) {
    parameters[1].gradient.start[0] += gradient
    let value = rows.distance(distance, gradientTimes: gradient * parameters[0].values.start[0])
    parameters[0].gradient.start[0] += gradient * value
  }
}
