/// The losses of a call's steps, epoch by epoch.
struct EpochMeans {
  private(set) var losses: [Float] = []
  private(set) var decays: [Double] = []

  /// Takes up the steps of an epoch, or those of it that were taken.
  mutating func append(_ reports: [StepReport]) {
    losses.append(reports.map(\.loss).reduce(0, +) / Float(reports.count))
    let decays = reports.compactMap(\.weightDecay)
    if !decays.isEmpty { self.decays.append(decays.reduce(0, +) / Double(decays.count)) }
  }
}
