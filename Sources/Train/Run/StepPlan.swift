import Neural

/// The samples of one step.
struct StepPlan {
  /// The sample of every row of the tower.
  let samples: [Int]
  /// The labels of the samples.
  let labels: LossLabels

  /// Number of pairs or samples that the loss is computed on.
  var count: Int {
    switch labels {
    case .genuine(let labels): labels.count
    case .identities(let labels): labels.count
    }
  }
}
