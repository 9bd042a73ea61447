/// The mean losses of the steps of one call, by epoch.
struct EpochMeans {
  private(set) var losses: [Float] = []
  private(set) var decays: [Double] = []
  /// The losses of the steps of the first epoch that earlier calls did.
  private var earlier: [Float] = []

  /// No epochs.
  ///
  /// - Parameter earlier: the losses of the steps of the epoch in progress.
  init(after earlier: [Float] = []) {
    self.earlier = earlier
  }

  /// Adds the steps of an epoch that were done.
  mutating func append(_ reports: [StepReport]) {
    let all = earlier + reports.map(\.loss)
    losses.append(all.reduce(0, +) / Float(all.count))
    earlier = []
    let decays = reports.compactMap(\.weightDecay)
    if !decays.isEmpty { self.decays.append(decays.reduce(0, +) / Double(decays.count)) }
  }
}
