import Configuration

/// The options of a ``WeightedDifferenceHead``.
struct WeightedDifference: HeadKind {
  package static let name = "weighted-difference"
  package static var optionNames: [String]? { HeadOptions.CodingKeys.allCases.map(\.rawValue) }

  /// The options of the weights.
  var options = HeadOptions()

  init() {}

  init(from decoder: any Decoder) throws { options = try HeadOptions(from: decoder) }

  func encode(to encoder: any Encoder) throws { try options.encode(to: encoder) }

  func parameters(embeddingLength: Int) -> Int { embeddingLength + 1 }

  func make(length: Int, seed: Int, isTrainable: Bool) throws(NeuralError) -> any PairHead {
    try WeightedDifferenceHead(
      length: length, seed: seed, isTrainable: isTrainable, options: options)
  }
}

/// The head that compares two embeddings a and b: z = bias + sum over j of w_j |a_j - b_j|, the
/// logit of both being of the same person.
///
/// Source: Koch, Zemel and Salakhutdinov, Siamese Neural Networks for One-shot Image Recognition,
/// 2015, section 3.1, with a bias.
///
/// A class because it owns weights that the optimiser updates.
public final class WeightedDifferenceHead: PairHead {
  /// The weights, `[length, 1]`, and the bias.
  public let parameters: [Parameter]
  /// Length of an embedding.
  public let length: Int

  /// Creates a head over embeddings of `length` numbers.
  ///
  /// - Parameters:
  ///   - length: the length of an embedding.
  ///   - seed: the seed of the initial weights.
  ///   - isTrainable: whether initial weights are drawn and memory for gradients is allocated.
  ///   - options: the options of the weights.
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  init(
    length: Int, seed: Int, isTrainable: Bool, options: HeadOptions = HeadOptions()
  ) throws(NeuralError) {
    self.length = length
    parameters = try options.parameters(count: length, seed: seed, isTrainable: isTrainable)
  }

  /// The logit as a rule with the weights of now.
  public var rule: ScoreRule {
    let weights = parameters[0].values
    return .weightedDifference(
      weights: Array(UnsafeBufferPointer(start: weights.start, count: length)),
      bias: parameters[1].values.start[0])
  }

  /// The logit of two embeddings.
  public func score(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>) -> Float {
    let weights = parameters[0].values.start
    var sum = parameters[1].values.start[0]
    for index in 0..<length { sum += weights[index] * abs(left[index] - right[index]) }
    return sum
  }

  /// Adds g |a - b| to the gradient of the weights; the embeddings get g w sign(a - b) and its
  /// negative.
  public func differentiate(_ gradient: Float, _ rows: PairRows) {
    let (weights, weightGradients) = (parameters[0].values.start, parameters[0].gradient.start)
    parameters[1].gradient.start[0] += gradient
    for index in 0..<length {
      let difference = rows.left[index] - rows.right[index]
      weightGradients[index] += gradient * abs(difference)
      let sign: Float = difference > 0 ? 1 : difference < 0 ? -1 : 0
      rows.leftGradient[index] = gradient * weights[index] * sign
      rows.rightGradient[index] = -gradient * weights[index] * sign
    }
  }
}
