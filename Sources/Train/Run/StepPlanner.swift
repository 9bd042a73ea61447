import Catalog
import Neural
import Pairs

/// Plans the steps of a run.
///
/// Each plan is a pure function of the samples, the seed, the epoch and the step.
struct StepPlanner {
  private enum Sampler {
    case pairs(BalancedPairSampler, perEpoch: Int)
    case identities(IdentityBatchSampler)
    case samples(EpochSampler)
  }

  /// Number of steps per epoch.
  let stepsPerEpoch: Int
  /// The identities of the training side; labels are indices into this array.
  let identities: [SampleTable.Identity]
  /// The samples of the training side.
  let members: [Int]
  private let sampler: Sampler
  private let unitsPerStep: Int
  /// The order of the current epoch, kept so that it is not drawn again for every step.
  private var order: (epoch: Int, draws: [EpochSampler.Draw]) = (-1, [])

  /// Plans the steps over the training side of a protocol.
  init(
    _ recipe: Recipe, catalog: Catalog, protocolName: String, seed: Int
  ) throws {
    let table = try SampleTable(catalog).restricted(
      to: Set(try catalog.members(of: protocolName, Part(role: .train))))
    guard !table.ids.isEmpty else { throw TrainError.nothingToTrain(protocol: protocolName) }
    sampler = try Self.sampler(recipe, table, seed: seed)
    identities = table.identities
    members = table.ids
    unitsPerStep = recipe.unitsPerStep
    stepsPerEpoch = recipe.stepsPerEpoch(samples: table.ids.count)
    guard stepsPerEpoch > 0 else {
      throw NeuralError.badOption(
        what: "batch",
        reason: "it is larger than an epoch, which has "
          + "\(recipe.samplesPerEpoch ?? table.ids.count) samples: lower it")
    }
  }

  private static func sampler(
    _ recipe: Recipe, _ table: SampleTable, seed: Int
  ) throws -> Sampler {
    do throws(PairError) {
      switch recipe.sampler {
      case .balanced(let pairs):
        return .pairs(try BalancedPairSampler(table, seed: seed), perEpoch: pairs)
      case .identities(let identities, let samples, _):
        return .identities(
          try IdentityBatchSampler(
            table, seed: seed, identities: identities, samples: samples))
      case .samples(let perEpoch, let balance):
        return .samples(
          try EpochSampler(table, seed: seed, count: perEpoch, balance: balance ?? .even))
      }
    } catch {
      guard case .identities(let wanted, let samples, _) = recipe.sampler,
        case .tooFewIdentities(_, let found) = error
      else { throw TrainError.smallTrainingSide }
      throw NeuralError.badOption(
        what: "sampler",
        reason:
          "the recipe needs \(wanted) identities with \(samples) samples each, and the training "
          + "side has \(found): lower identities or samples")
    }
  }

  /// The plan of a step; epochs and steps are counted from 0.
  mutating func plan(epoch: Int, step: Int) -> StepPlan {
    switch sampler {
    case .pairs(let sampler, let perEpoch):
      let count = min(unitsPerStep, perEpoch - step * unitsPerStep)
      let pairs = sampler.batch(epoch: epoch, step: step, count: count)
      // A short step repeats its own pairs in the remaining rows: batch normalisation uses every
      // row, and a resumed run must see the same rows.
      let filled = (0..<unitsPerStep).map { pairs[$0 % count] }
      return StepPlan(
        samples: filled.map(\.left) + filled.map(\.right),
        labels: .genuine(pairs.map(\.genuine)))
    case .identities(let sampler):
      let groups = sampler.batch(epoch: epoch, step: step)
      return StepPlan(
        samples: groups.flatMap(\.samples),
        labels: .identities(
          groups.flatMap { repeatElement($0.identity, count: $0.samples.count) }))
    case .samples(let sampler):
      if order.epoch != epoch { order = (epoch, sampler.epoch(epoch)) }
      let draws = order.draws[step * unitsPerStep..<(step + 1) * unitsPerStep]
      return StepPlan(
        samples: draws.map(\.sample), labels: .identities(draws.map(\.identity)))
    }
  }
}
