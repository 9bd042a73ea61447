import Neural
import Shards

extension Recipe {
  /// What one row of the tower's input is.
  public var inputShape: ActivationShape {
    .image(height: samples.height, width: samples.width, channels: samples.channels)
  }

  /// Refuses a store whose samples are not of the recipe's shape.
  func check(_ shape: SampleShape) throws(TrainError) {
    let needs = SampleShape(
      height: samples.height, width: samples.width, channels: samples.channels)
    guard shape == needs else {
      throw .wrongSamples(recipe: name, needs: needs.description, has: shape.description)
    }
  }

  /// The tower without memory for training, to look at.
  public func describe() throws(TrainError) -> [Tower.Description] {
    try onNetwork { () throws(NeuralError) in
      try Tower(tower, input: inputShape, rows: 1, seed: 0, isTrainable: false).descriptions
    }
  }

  func makeLoss() throws(TrainError) -> ContrastiveLoss {
    switch loss {
    case .contrastive(let margin):
      try onNetwork { () throws(NeuralError) in try ContrastiveLoss(margin: margin) }
    }
  }

  func makeOptimizer() throws(TrainError) -> RMSProp {
    switch optimizer {
    case .rmsprop(let rate, let rho, let epsilon):
      try onNetwork { () throws(NeuralError) in
        try RMSProp(rate: rate, rho: rho, epsilon: epsilon)
      }
    }
  }
}
