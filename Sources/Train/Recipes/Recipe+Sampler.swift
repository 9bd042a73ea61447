import Configuration
import Neural
import Pairs

extension Recipe {
  /// The sampler: the pairs or samples of a step.
  public enum Sampler: Sendable, Equatable {
    /// Pairs, alternately genuine and impostor; all identities have the same probability.
    case balanced(pairsPerEpoch: Int)
    /// The training pairs that the protocol lists, in random order.
    case listed
    /// The pairs of the report on CFPW; see ``CFPWReportPairSampler``.
    case report(pairsPerEpoch: Int, isFaithful: Bool)
    /// The pairs of the tutorial on ORL; see ``ORLTutorialPairSampler``.
    case tutorial(perIdentity: Int, isFaithful: Bool)
    /// A number of identities with a number of samples each.
    case identities(identities: Int, samples: Int, batchesPerEpoch: Int)
    /// Single samples; the number per epoch defaults to that of the training side.
    case samples(perEpoch: Int?, balance: EpochSampler.Balance?)

    /// The unit that a sampler draws and that a rate counts.
    public enum Unit: String, Sendable {
      /// Two samples and whether they are of the same identity.
      case pairs
      /// A sample and its identity.
      case samples
    }

    /// The unit that the sampler draws.
    public var unit: Unit {
      switch self {
      case .balanced, .listed, .report, .tutorial: .pairs
      case .identities, .samples: .samples
      }
    }
  }

  /// Number of pairs or samples of a full step.
  public var unitsPerStep: Int {
    if case .identities(let identities, let samples, _) = sampler { return identities * samples }
    return batch ?? 0
  }

  /// Number of samples per epoch, if given in the recipe.
  var samplesPerEpoch: Int? {
    if case .samples(let perEpoch, _) = sampler { perEpoch } else { nil }
  }

  /// Number of rows of the tower.
  public var rows: Int { sampler.unit == .pairs ? 2 * unitsPerStep : unitsPerStep }

  /// Number of rows of a tower that computes the share of one of several processes.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)`` if a step cannot be divided evenly.
  func rows(sharedBy ranks: Int) throws(NeuralError) -> Int {
    guard unitsPerStep.isMultiple(of: ranks) else {
      throw .badOption(
        what: "batch",
        reason: "\(unitsPerStep) \(sampler.unit.rawValue) of a step cannot be divided evenly among "
          + "\(ranks) ranks")
    }
    return rows / ranks
  }

  /// Number of steps per epoch.
  ///
  /// For pairs the last step may be short. Single samples that do not fill a batch are left out.
  ///
  /// - Parameters:
  ///   - samples: the number of samples of the training side.
  ///   - pairs: the number of pairs of an epoch, if the sampler takes it from the protocol.
  /// - Returns: the number of steps.
  public func stepsPerEpoch(samples: Int, pairs: Int = 0) -> Int {
    switch sampler {
    case .balanced(let pairs): (pairs + unitsPerStep - 1) / unitsPerStep
    case .listed, .tutorial: (pairs + unitsPerStep - 1) / unitsPerStep
    case .report(let pairs, _): pairs / unitsPerStep
    case .identities(_, _, let batches): batches
    case .samples(let perEpoch, _): (perEpoch ?? samples) / unitsPerStep
    }
  }

  /// A message about an invalid number in the recipe; `nil` if all are valid.
  var wrongLength: String? {
    let maximum = 1_000_000_000
    func has(_ name: String, _ value: Int, _ range: ClosedRange<Int>) -> String? {
      range.contains(value)
        ? nil : "\(name) must be in \(range.lowerBound)...\(range.upperBound)"
    }
    let wrong: String? =
      switch sampler {
      case .balanced(let pairs): has("pairs-per-epoch", pairs, 2...maximum)
      case .listed: nil
      case .report(let pairs, _):
        has("pairs-per-epoch", pairs, max(2, unitsPerStep)...maximum)
          ?? (unitsPerStep % 2 == 0 ? nil : "the batch of this sampler must be even")
      case .tutorial(let count, _): has("per-identity", count, 1...1_000_000)
      case .identities(let identities, let samples, let batches):
        has("identities", identities, 2...65_536) ?? has("samples", samples, 2...65_536)
          ?? has("batches-per-epoch", batches, 1...maximum)
          ?? has("identities x samples", identities * samples, 4...65_536)
          ?? (batch ?? unitsPerStep == unitsPerStep
            ? nil : "a batch of this sampler is identities x samples, so leave batch out")
      case .samples(let perEpoch, _): has("per-epoch", perEpoch ?? 1, 1...maximum)
      }
    if let wrong { return wrong }
    if batch == nil, unitsPerStep == 0 { return "it lacks batch" }
    return has("batch", unitsPerStep, 1...65_536) ?? has("epochs", epochs, 1...1_000_000)
      ?? has("freeze", freeze ?? 0, 0...1_000)
  }
}

extension Recipe.Sampler: Codable {
  private enum Name: String, CodingKey, CaseIterable {
    case balanced
    case listed
    case report
    case tutorial
    case identities
    case samples
  }

  private struct BalancedOptions: Codable {
    let pairsPerEpoch: Int

    enum CodingKeys: String, CodingKey {
      case pairsPerEpoch = "pairs-per-epoch"
    }
  }

  private struct ReportOptions: Codable {
    let pairsPerEpoch: Int
    let faithful: Bool?

    enum CodingKeys: String, CodingKey {
      case pairsPerEpoch = "pairs-per-epoch"
      case faithful
    }
  }

  private struct TutorialOptions: Codable {
    let perIdentity: Int?
    let faithful: Bool?

    enum CodingKeys: String, CodingKey {
      case perIdentity = "per-identity"
      case faithful
    }

    /// Number of genuine pairs per identity in the tutorial.
    static let perIdentity = 250
  }

  private struct IdentityOptions: Codable {
    let identities: Int
    let samples: Int
    let batchesPerEpoch: Int

    enum CodingKeys: String, CodingKey {
      case identities
      case samples
      case batchesPerEpoch = "batches-per-epoch"
    }
  }

  private struct SampleOptions: Codable {
    let perEpoch: Int?
    let balance: Balance?

    enum CodingKeys: String, CodingKey {
      case perEpoch = "per-epoch"
      case balance
    }

    struct Balance: Codable {
      let value: EpochSampler.Balance

      init(_ value: EpochSampler.Balance) { self.value = value }

      init(from decoder: any Decoder) throws {
        value = try NearestName.choice(from: decoder)
      }

      func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
    }
  }

  /// Decodes a sampler.
  ///
  /// - Throws: `DecodingError` for an unknown name or option; it suggests the most similar one.
  public init(from decoder: any Decoder) throws {
    let (name, named) = try NamedOptions.read("sampler", Name.self, from: decoder)
    switch name {
    case .balanced:
      let options = try named.options(BalancedOptions.self, "pairs-per-epoch")
      self = .balanced(pairsPerEpoch: options.pairsPerEpoch)
    case .listed:
      _ = try named.options(NoOptions.self)
      self = .listed
    case .report:
      let options = try named.options(ReportOptions.self, "pairs-per-epoch", "faithful")
      self = .report(
        pairsPerEpoch: options.pairsPerEpoch, isFaithful: options.faithful ?? false)
    case .tutorial:
      let options = try named.options(TutorialOptions.self, "per-identity", "faithful")
      self = .tutorial(
        perIdentity: options.perIdentity ?? TutorialOptions.perIdentity,
        isFaithful: options.faithful ?? false)
    case .identities:
      let options = try named.options(
        IdentityOptions.self, "identities", "samples", "batches-per-epoch")
      self = .identities(
        identities: options.identities, samples: options.samples,
        batchesPerEpoch: options.batchesPerEpoch)
    case .samples:
      let options = try named.options(SampleOptions.self, "per-epoch", "balance")
      self = .samples(perEpoch: options.perEpoch, balance: options.balance?.value)
    }
  }

  /// Encodes the sampler in the format that `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    switch self {
    case .balanced(let pairs):
      try container.encode(BalancedOptions(pairsPerEpoch: pairs), forKey: .balanced)
    case .listed: try container.encode(NoOptions(), forKey: .listed)
    case .report(let pairs, let isFaithful):
      try container.encode(
        ReportOptions(pairsPerEpoch: pairs, faithful: isFaithful), forKey: .report)
    case .tutorial(let perIdentity, let isFaithful):
      try container.encode(
        TutorialOptions(perIdentity: perIdentity, faithful: isFaithful), forKey: .tutorial)
    case .identities(let identities, let samples, let batches):
      try container.encode(
        IdentityOptions(identities: identities, samples: samples, batchesPerEpoch: batches),
        forKey: .identities)
    case .samples(let perEpoch, let balance):
      try container.encode(
        SampleOptions(perEpoch: perEpoch, balance: balance.map(SampleOptions.Balance.init)),
        forKey: .samples)
    }
  }
}
