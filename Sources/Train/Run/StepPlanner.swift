import Catalog
import Neural
import Pairs

/// Plans the steps of a run.
///
/// Each plan is a pure function of the samples, the seed, the epoch and the step.
struct StepPlanner: Sendable {
  private enum Sampler: Sendable {
    case balanced(BalancedPairSampler, perEpoch: Int)
    case report(CFPWReportPairSampler)
    case listed(ListedPairSampler)
    case tutorial(ORLTutorialPairSampler)
    case identities(IdentityBatchSampler)
    case samples(EpochSampler)
  }

  /// Number of steps per epoch.
  let stepsPerEpoch: Int
  private let sampler: Sampler
  private let unitsPerStep: Int
  /// The order of the current epoch, kept so that it is not drawn again for every step.
  private var draws: (epoch: Int, draws: [EpochSampler.Draw]) = (-1, [])
  private var pairs: (epoch: Int, pairs: [Pair]) = (-1, [])

  /// Plans the steps over the training side of a protocol.
  init(_ recipe: Recipe, data: TrainingData, seed: Int) throws {
    sampler = try Self.sampler(recipe, data, seed: seed)
    unitsPerStep = recipe.unitsPerStep
    let samples = data.training.ids.count
    let listed =
      switch sampler {
      case .listed(let sampler): sampler.pairs.count
      case .tutorial(let sampler): sampler.pairs.count
      default: 0
      }
    stepsPerEpoch = recipe.stepsPerEpoch(samples: samples, pairs: listed)
    guard stepsPerEpoch > 0 else {
      throw NeuralError.badOption(
        what: "batch",
        reason: "it is larger than an epoch, which has "
          + "\(recipe.samplesPerEpoch ?? samples) samples: lower it")
    }
  }

  private static func sampler(
    _ recipe: Recipe, _ data: TrainingData, seed: Int
  ) throws -> Sampler {
    if data.fold?.mode == .restricted, recipe.sampler != .listed {
      throw TrainError.restrictedNeedsListed(recipe: recipe.name)
    }
    if data.fold?.mode == .restricted, recipe.score != nil {
      throw NeuralError.badOption(
        what: "score",
        reason:
          "joint-bayesian needs to know who is in an image, and restricted mode knows only pairs")
    }
    if recipe.score?.jointBayesian.knownPeople != nil, try !data.isClosedSet {
      throw NeuralError.badOption(
        what: "score",
        reason: "known-people takes every image to show one of the training people, and the "
          + "protocol \(data.protocolName) tests others; take a protocol made with --split image")
    }
    if recipe.score != nil, !data.training.identities.contains(where: { $0.samples.count > 1 }) {
      throw NeuralError.badOption(
        what: "score", reason: "no person has two training images, which joint-bayesian compares")
    }
    let table = data.training
    do throws(PairError) {
      switch recipe.sampler {
      case .balanced(let pairs):
        return .balanced(try BalancedPairSampler(table, seed: seed), perEpoch: pairs)
      case .listed: return .listed(try ListedPairSampler(data.listed, seed: seed))
      case .report(_, let isFaithful):
        return .report(
          try CFPWReportPairSampler(
            table, seed: seed, count: recipe.unitsPerStep, isFaithful: isFaithful))
      case .tutorial(let perIdentity, let isFaithful):
        return .tutorial(
          try ORLTutorialPairSampler(
            table, seed: seed, perIdentity: perIdentity, isFaithful: isFaithful))
      case .identities(let identities, let samples, _):
        return .identities(
          try IdentityBatchSampler(
            table, seed: seed, identities: identities, samples: samples))
      case .samples(let perEpoch, let balance):
        return .samples(
          try EpochSampler(table, seed: seed, count: perEpoch, balance: balance ?? .even))
      }
    } catch {
      throw explain(error, recipe, protocolName: data.protocolName)
    }
  }

  /// What a sampler's error means for the recipe.
  private static func explain(
    _ error: PairError, _ recipe: Recipe, protocolName: String
  ) -> any Error {
    switch (recipe.sampler, error) {
    case (_, .noListedPairs): return TrainError.noListedPairs(protocol: protocolName)
    case (.identities(let wanted, let samples, _), .tooFewIdentities(_, let found)):
      return NeuralError.badOption(
        what: "sampler",
        reason:
          "the recipe needs \(wanted) identities with \(samples) samples each, and the training "
          + "side has \(found): lower identities or samples")
    case (.report, .tooFewIdentities(_, let found)):
      return NeuralError.badOption(
        what: "sampler",
        reason:
          "a step of report takes \(recipe.unitsPerStep) different identities with 2 samples each, "
          + "and the training side has \(found): lower batch")
    default: return TrainError.smallTrainingSide
    }
  }

  /// The plan of a step; epochs and steps are counted from 0.
  mutating func plan(epoch: Int, step: Int) -> StepPlan {
    switch sampler {
    case .balanced(let sampler, let perEpoch):
      let count = min(unitsPerStep, perEpoch - step * unitsPerStep)
      return plan(sampler.batch(epoch: epoch, step: step, count: count))
    case .report(let sampler): return plan(sampler.batch(epoch: epoch, step: step))
    case .listed(let sampler):
      if pairs.epoch != epoch { pairs = (epoch, sampler.epoch(epoch)) }
      return plan(pairs.pairs.dropFirst(step * unitsPerStep).prefix(unitsPerStep).map(\.self))
    case .tutorial(let sampler):
      if pairs.epoch != epoch { pairs = (epoch, sampler.epoch(epoch)) }
      return plan(pairs.pairs.dropFirst(step * unitsPerStep).prefix(unitsPerStep).map(\.self))
    case .identities(let sampler):
      let groups = sampler.batch(epoch: epoch, step: step)
      return StepPlan(
        samples: groups.flatMap(\.samples),
        labels: .identities(
          groups.flatMap { repeatElement($0.identity, count: $0.samples.count) }))
    case .samples(let sampler):
      if draws.epoch != epoch { draws = (epoch, sampler.epoch(epoch)) }
      let draws = draws.draws[step * unitsPerStep..<(step + 1) * unitsPerStep]
      return StepPlan(
        samples: draws.map(\.sample), labels: .identities(draws.map(\.identity)))
    }
  }

  /// A step over pairs.
  ///
  /// A short step repeats its own pairs in the remaining rows: batch normalisation uses every row,
  /// and a resumed run must see the same rows.
  private func plan(_ pairs: [Pair]) -> StepPlan {
    let filled = (0..<unitsPerStep).map { pairs[$0 % pairs.count] }
    return StepPlan(
      samples: filled.map(\.left) + filled.map(\.right), labels: .genuine(pairs.map(\.genuine)))
  }
}
