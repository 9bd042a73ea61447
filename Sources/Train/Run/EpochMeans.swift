/// The mean losses of the steps of one call, by epoch.
struct EpochMeans {
  private(set) var losses: [Float] = []
  private(set) var decays: [Double] = []

  /// Adds the steps of an epoch that were done.
  mutating func append(_ reports: [StepReport]) {
    losses.append(reports.map(\.loss).reduce(0, +) / Float(reports.count))
    let decays = reports.compactMap(\.weightDecay)
    if !decays.isEmpty { self.decays.append(decays.reduce(0, +) / Double(decays.count)) }
  }
}
