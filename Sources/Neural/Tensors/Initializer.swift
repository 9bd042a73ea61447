import Configuration
import Foundation
import Randomness

/// The distribution of initial weights.
public enum Initializer: Equatable, Sendable {
  /// Uniform in +-sqrt(6 / (fan in + fan out)).
  ///
  /// Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
  /// networks, 2010, equation 16.
  case glorotUniform
  /// Normal with standard deviation sqrt(2 / (fan in + fan out)).
  case glorotNormal
  /// Uniform in +-sqrt(6 / fan in).
  ///
  /// Source: He and others, Delving deep into rectifiers, 2015, equation 10.
  case heUniform
  /// Normal with standard deviation sqrt(2 / fan in).
  case heNormal
  /// Uniform between two values.
  case uniform(from: Float, to: Float)
  /// Normal distribution.
  case normal(mean: Float, deviation: Float)
  /// Normal distribution; values beyond two standard deviations are drawn again.
  case truncatedNormal(mean: Float, deviation: Float)
  /// All values equal.
  case constant(value: Float)
  /// 1, 0, 0, 0, 1, 0: the bias for a spatial transformer that starts as the identity.
  case identityAffine

  private enum Name: String, CaseIterable {
    case glorotUniform = "glorot-uniform"
    case glorotNormal = "glorot-normal"
    case heUniform = "he-uniform"
    case heNormal = "he-normal"
    case uniform
    case normal
    case truncatedNormal = "truncated-normal"
    case constant
    case identityAffine = "identity-affine"
  }

  /// The reason why `count` weights cannot be drawn; `nil` if they can.
  func fault(count: Int) -> String? {
    switch self {
    case .uniform(let from, let to) where !(from <= to) || !from.isFinite || !to.isFinite:
      "uniform must go from a number to one that is not less"
    case .normal(let mean, let deviation) where !mean.isFinite || !(0...1e6).contains(deviation),
      .truncatedNormal(let mean, let deviation)
    where !mean.isFinite || !(0...1e6).contains(deviation):
      "the deviation of first weights must be 0 or more, and their mean a number"
    case .constant(let value) where !value.isFinite: "constant must be a number"
    case .identityAffine where count != 6:
      "identity-affine is for the six biases of a spatial transformer's last layer"
    default: nil
    }
  }

  /// Draws `count` initial weights.
  ///
  /// - Parameters:
  ///   - count: the number of weights.
  ///   - fanIn: the number of inputs per output.
  ///   - fanOut: the number of outputs per input.
  ///   - random: the random number generator.
  /// - Returns: the weights.
  func values(count: Int, fanIn: Int, fanOut: Int, random: inout RandomStream) -> [Float] {
    func uniform(_ low: Double, _ high: Double) -> [Float] {
      (0..<count).map { _ in Float(low + (high - low) * random.uniform()) }
    }
    func normal(_ mean: Double, _ deviation: Double) -> [Float] {
      (0..<count).map { _ in Float(mean + deviation * random.normal()) }
    }
    switch self {
    case .glorotUniform:
      let limit = (6 / Double(fanIn + fanOut)).squareRoot()
      return uniform(-limit, limit)
    case .glorotNormal: return normal(0, (2 / Double(fanIn + fanOut)).squareRoot())
    case .heUniform:
      let limit = (6 / Double(fanIn)).squareRoot()
      return uniform(-limit, limit)
    case .heNormal: return normal(0, (2 / Double(fanIn)).squareRoot())
    case .uniform(let from, let to): return uniform(Double(from), Double(to))
    case .normal(let mean, let deviation): return normal(Double(mean), Double(deviation))
    case .truncatedNormal(let mean, let deviation):
      return (0..<count).map { _ in
        var draw = random.normal()
        while abs(draw) > 2 { draw = random.normal() }
        return Float(Double(mean) + Double(deviation) * draw)
      }
    case .identityAffine: return (0..<count).map { $0 % 4 == 0 ? 1 : 0 }
    case .constant(let value): return [Float](repeating: value, count: count)
    }
  }
}

extension Initializer: Codable {
  private struct UniformOptions: Codable {
    let from: Float
    let to: Float
  }

  private struct NormalOptions: Codable {
    let mean: Float
    let deviation: Float
  }

  private struct ConstantOptions: Codable {
    let value: Float
  }

  private var name: Name {
    switch self {
    case .glorotUniform: .glorotUniform
    case .glorotNormal: .glorotNormal
    case .heUniform: .heUniform
    case .heNormal: .heNormal
    case .uniform: .uniform
    case .normal: .normal
    case .truncatedNormal: .truncatedNormal
    case .constant: .constant
    case .identityAffine: .identityAffine
    }
  }

  private static let withoutOptions: [Name: Initializer] = [
    .glorotUniform: .glorotUniform, .glorotNormal: .glorotNormal, .heUniform: .heUniform,
    .heNormal: .heNormal, .identityAffine: .identityAffine,
  ]

  /// Decodes an initialiser.
  ///
  /// - Throws: `DecodingError` for an unknown name or option; it suggests the most similar one.
  public init(from decoder: any Decoder) throws {
    let (name, named) = try NamedOptions.read("initializer", Name.self, from: decoder)
    func normal() throws -> NormalOptions {
      try named.options(NormalOptions.self, "mean", "deviation")
    }
    switch name {
    case .uniform:
      let options = try named.options(UniformOptions.self, "from", "to")
      self = .uniform(from: options.from, to: options.to)
    case .normal: self = .normal(mean: try normal().mean, deviation: try normal().deviation)
    case .truncatedNormal:
      self = .truncatedNormal(mean: try normal().mean, deviation: try normal().deviation)
    case .constant:
      self = .constant(value: try named.options(ConstantOptions.self, "value").value)
    default:
      _ = try named.options(NoOptions.self)
      self = Self.withoutOptions[name] ?? .glorotUniform
    }
  }

  /// Encodes the initialiser in the format that `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AnyCodingKey.self)
    let key = AnyCodingKey(stringValue: name.rawValue)
    switch self {
    case .uniform(let from, let to):
      try container.encode(UniformOptions(from: from, to: to), forKey: key)
    case .normal(let mean, let deviation), .truncatedNormal(let mean, let deviation):
      try container.encode(NormalOptions(mean: mean, deviation: deviation), forKey: key)
    case .constant(let value): try container.encode(ConstantOptions(value: value), forKey: key)
    default: try container.encode(NoOptions(), forKey: key)
    }
  }
}
