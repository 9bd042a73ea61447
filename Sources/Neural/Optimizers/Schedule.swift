import Configuration
import Foundation

/// The learning rate over a run, as described in a recipe.
///
/// A pure function of the position in the run and, for `halveOnRise`, of the losses of the previous
/// epochs.
public enum Schedule: Equatable, Sendable {
  /// The rate does not change.
  case constant
  /// The rate is multiplied by `factor` after each epoch, or only after the first `epochs` if
  /// given.
  case exponential(factor: Float, epochs: Int?)
  /// The rate is multiplied by `factor` after every `every` epochs.
  case step(factor: Float, every: Int)
  /// The rate rises linearly over the first epochs, then falls along half a cosine to 0.
  ///
  /// Source: Loshchilov and Hutter, SGDR, 2017, equation 5, without restarts.
  case cosine(warmUp: Float)
  /// The rate rises from 1/25 of its value along half a cosine over the first 0.3 of the steps,
  /// then falls along half a cosine to 1/250,000 of it.
  ///
  /// Source: PyTorch, `OneCycleLR` with its defaults (Smith and Topin, Super-Convergence, 2019);
  /// the momentum does not change.
  case oneCycle
  /// The rate is halved whenever the mean loss of an epoch is greater than that of the previous
  /// epoch.
  case halveOnRise

  private enum Name: String, CaseIterable {
    case constant
    case exponential
    case step
    case cosine
    case oneCycle = "one-cycle"
    case halveOnRise = "halve-on-rise"
  }

  /// The name in a recipe.
  public var name: String {
    switch self {
    case .constant: Name.constant.rawValue
    case .exponential: Name.exponential.rawValue
    case .step: Name.step.rawValue
    case .cosine: Name.cosine.rawValue
    case .oneCycle: Name.oneCycle.rawValue
    case .halveOnRise: Name.halveOnRise.rawValue
    }
  }

  /// Whether the rates of the first steps depend on the length of the whole run.
  public var followsFromLength: Bool {
    switch self {
    case .cosine, .oneCycle: true
    case .constant, .exponential, .step, .halveOnRise: false
    }
  }

  /// The factor of the rate.
  ///
  /// - Parameters:
  ///   - step: the number of steps done so far.
  ///   - stepsPerEpoch: the number of steps per epoch.
  ///   - epochs: the number of epochs of the run.
  ///   - losses: the mean loss of each completed epoch.
  /// - Returns: a factor, 0 or more.
  public func factor(step: Int, stepsPerEpoch: Int, epochs: Int, losses: [Float]) -> Float {
    let epoch = step / stepsPerEpoch
    switch self {
    case .constant: return 1
    case .exponential(let factor, let limit): return pow(factor, Float(min(epoch, limit ?? epoch)))
    case .step(let factor, let every): return pow(factor, Float(epoch / max(every, 1)))
    case .cosine(let warmUp):
      let rise = Double(warmUp) * Double(stepsPerEpoch)
      if Double(step) < rise { return Float(Double(step + 1) / rise) }
      let all = Double(epochs * stepsPerEpoch) - rise
      return Float((1 + cos(Double.pi * (Double(step) - rise) / max(all, 1))) / 2)
    case .oneCycle: return Float(Self.oneCycle(step: step, of: epochs * stepsPerEpoch))
    case .halveOnRise:
      let done = losses.prefix(epoch)
      return pow(0.5, Float(zip(done, done.dropFirst()).count { $1 > $0 }))
    }
  }

  private static func oneCycle(step: Int, of steps: Int) -> Double {
    let (first, last) = (1.0 / 25, 1.0 / 25 / 1e4)
    let (peak, end) = (0.3 * Double(steps) - 1, Double(steps) - 1)
    func along(_ from: Double, _ to: Double, _ fraction: Double) -> Double {
      to + (from - to) / 2 * (1 + cos(Double.pi * fraction))
    }
    guard Double(step) > peak else { return along(first, 1, Double(step) / peak) }
    return along(1, last, (Double(step) - peak) / (end - peak))
  }

  /// Throws if an option is invalid.
  public func check() throws(NeuralError) {
    func refuse(_ reason: String) -> NeuralError { .badOption(what: "schedule", reason: reason) }
    switch self {
    case .constant, .oneCycle, .halveOnRise: return
    case .exponential(let factor, let epochs):
      guard factor > 0, epochs ?? 1 >= 1 else {
        throw refuse("factor must be more than 0 and epochs 1 or more")
      }
    case .step(let factor, let every):
      guard factor > 0, every >= 1 else {
        throw refuse("factor must be more than 0 and every 1 or more")
      }
    case .cosine(let warmUp):
      guard warmUp >= 0 else { throw refuse("warm-up must be 0 epochs or more") }
    }
  }
}

extension Schedule: Codable {
  private struct ExponentialOptions: Codable {
    let factor: Float
    let epochs: Int?
  }

  private struct StepOptions: Codable {
    let factor: Float
    let every: Int
  }

  private struct CosineOptions: Codable {
    let warmUp: Float

    enum CodingKeys: String, CodingKey {
      case warmUp = "warm-up"
    }
  }

  /// Decodes a schedule.
  ///
  /// - Throws: `DecodingError` for an unknown name or option; it suggests the most similar one.
  public init(from decoder: any Decoder) throws {
    let (name, named) = try NamedOptions.read("schedule", Name.self, from: decoder)
    switch name {
    case .exponential:
      let options = try named.options(ExponentialOptions.self, "factor", "epochs")
      self = .exponential(factor: options.factor, epochs: options.epochs)
    case .step:
      let options = try named.options(StepOptions.self, "factor", "every")
      self = .step(factor: options.factor, every: options.every)
    case .cosine:
      self = .cosine(warmUp: try named.options(CosineOptions.self, "warm-up").warmUp)
    case .constant, .oneCycle, .halveOnRise:
      _ = try named.options(NoOptions.self)
      self = name == .constant ? .constant : name == .oneCycle ? .oneCycle : .halveOnRise
    }
  }

  /// Encodes the schedule in the format that `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AnyCodingKey.self)
    let key = AnyCodingKey(stringValue: name)
    switch self {
    case .exponential(let factor, let epochs):
      try container.encode(ExponentialOptions(factor: factor, epochs: epochs), forKey: key)
    case .step(let factor, let every):
      try container.encode(StepOptions(factor: factor, every: every), forKey: key)
    case .cosine(let warmUp): try container.encode(CosineOptions(warmUp: warmUp), forKey: key)
    case .constant, .oneCycle, .halveOnRise: try container.encode(NoOptions(), forKey: key)
    }
  }
}
