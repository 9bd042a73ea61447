import Neural

/// What one step trains on.
struct StepPlan {
  /// The sample of every row of the tower.
  let samples: [Int]
  /// What is known of them.
  let labels: LossLabels

  /// How many pairs or samples the loss is over.
  var count: Int {
    switch labels {
    case .genuine(let labels): labels.count
    case .identities(let labels): labels.count
    }
  }
}
