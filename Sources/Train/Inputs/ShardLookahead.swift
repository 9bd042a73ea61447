import Catalog
import Neural

/// Announces the shards of the next steps, so that they are fetched before they are read.
struct ShardLookahead {
  private let stores: StoreSet
  private var planner: StepPlanner
  private let end: Int
  private let slice: RowSlice
  /// The samples of the steps that are announced, by step.
  private var planned: [(step: Int, samples: [Int])] = []

  /// Number of steps that are announced at once.
  private static let steps = 64

  /// Looks ahead in the plan of a training; `nil` if every store has its shards in its folder.
  init?(_ stores: StoreSet, planner: StepPlanner, end: Int, slice: RowSlice) {
    guard stores.catalogs.contains(where: { $0.provider != nil }) else { return nil }
    self.stores = stores
    self.planner = planner
    self.end = end
    self.slice = slice
  }

  /// Announces the shards of the steps from `step` on.
  mutating func announce(from step: Int) {
    planned.removeAll { $0.step < step }
    let next = planned.last.map { $0.step + 1 } ?? step
    for next in next..<max(min(step + Self.steps, end), next) {
      let (epoch, own) = next.quotientAndRemainder(dividingBy: planner.stepsPerEpoch)
      let samples = planner.plan(epoch: epoch, step: own).samples
      planned.append((next, slice.elements(of: samples)))
    }
    stores.willRead(planned.lazy.flatMap(\.samples))
  }
}

extension StoreSet {
  /// Announces the samples that are read next, in this order, to the stores that fetch their shards.
  func willRead(_ ids: some Sequence<Int>) {
    guard catalogs.contains(where: { $0.provider != nil }) else { return }
    var numbers = [[Int]](repeating: [], count: catalogs.count)
    var known = [Set<Int>](repeating: [], count: catalogs.count)
    for id in ids {
      let (store, own) = Self.split(id)
      let number = own / Catalog.shardCapacity
      if known[store].insert(number).inserted { numbers[store].append(number) }
    }
    for (catalog, own) in zip(catalogs, numbers) { catalog.provider?.willRead(own) }
  }
}
