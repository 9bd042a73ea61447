import Dispatch

extension LayerChain {
  /// Measures the seconds that each layer takes, forward and backward: the minimum of several
  /// repeats.
  ///
  /// A chain for inference has no backward pass.
  func time(
    _ input: FloatBuffer, outputGradient: FloatBuffer, inputGradient: FloatBuffer? = nil,
    repeats: Int
  ) throws(NeuralError) -> [(forward: Double, backward: Double)] {
    let pass = Pass.training(seed: 0, step: 0)
    func shortest(_ body: () throws(NeuralError) -> Void) throws(NeuralError) -> Double {
      var best = Double.infinity
      for _ in 0..<repeats {
        let start = DispatchTime.now().uptimeNanoseconds
        try body()
        best = min(best, Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9)
      }
      return best
    }
    var times: [(forward: Double, backward: Double)] = []
    var source = input
    for index in layers.indices {
      let seconds = try shortest { () throws(NeuralError) in
        try layers[index].forward(source, into: activations[index], pass: pass)
      }
      times.append((seconds, 0))
      source = activations[index]
    }
    guard !inputGradients.isEmpty else { return times }
    var gradient = outputGradient
    for index in layers.indices.reversed() where index >= firstWithWeights {
      let below = index > firstWithWeights ? inputGradients[index] : inputGradient
      times[index].backward = try shortest { () throws(NeuralError) in
        try layers[index].backward(
          input: index == 0 ? input : activations[index - 1], output: activations[index],
          outputGradient: gradient, inputGradient: below, pass: pass)
      }
      if let below { gradient = below }
    }
    return times
  }
}
