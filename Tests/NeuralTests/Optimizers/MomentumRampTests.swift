import Foundation
import Testing

@testable import Neural

@Suite("A ramp of the momentum")
struct MomentumRampTests {
  // Koch 2015: from 0.5, linearly in each epoch, to the final one; here 0.5, 0.6, ... 0.9, 0.9.
  @Test("rises epoch by epoch and stays then")
  func rises() {
    let ramp = MomentumRamp(from: 0.5, epochs: 4)
    let found = (0..<12).map {
      ramp.momentum(
        step: $0, stepsPerEpoch: 2,
        optimizer: .sgd(rate: 1, momentum: 0.9, nesterov: nil))
    }
    for (step, expected) in [0.5, 0.6, 0.7, 0.8, 0.9, 0.9].enumerated() {
      #expect(abs(Double(found[2 * step]) - expected) < 1e-6)
      #expect(found[2 * step + 1] == found[2 * step])
    }
  }

  @Test("moves weights as its formula does", arguments: [false, true])
  func moves(nesterov: Bool) throws {
    let specification = OptimizerSpecification.sgd(rate: 0.1, momentum: 0.9, nesterov: nesterov)
    let (ramp, optimizer) = (MomentumRamp(from: 0.5, epochs: 3), try Optimizer(specification))
    let parameter = Parameter(name: "w", shape: [1])
    parameter.values.replace(with: [0.7])
    var (weight, velocity) = (Double(Float(0.7)), 0.0)
    for step in 0..<16 {
      let gradient = [0.5, -1.5, 0.25, 2][step % 4]
      parameter.gradient.replace(with: [Float(gradient)])
      optimizer.update(
        [parameter], step: step,
        momentum: ramp.momentum(step: step, stepsPerEpoch: 4, optimizer: specification))
      let momentum = 0.5 + 0.4 * Double(min(step / 4, 3)) / 3
      velocity = momentum * velocity - 0.1 * gradient
      weight += nesterov ? momentum * velocity - 0.1 * gradient : velocity
      // Sixteen steps of size 1 in single precision.
      #expect(abs(Double(parameter.values.values[0]) - weight) < 3e-6)
    }
  }

  @Test("refuses an optimiser without momentum, and what has no meaning")
  func refuses() throws {
    let sgd = OptimizerSpecification.sgd(rate: 1, momentum: 0.9, nesterov: nil)
    try MomentumRamp(from: 0, epochs: 1).check(sgd)
    for ramp in [
      MomentumRamp(from: 1, epochs: 1), MomentumRamp(from: -0.1, epochs: 1),
      MomentumRamp(from: 0.5, epochs: 0),
    ] {
      #expect(throws: NeuralError.self) { try ramp.check(sgd) }
    }
    for optimizer: OptimizerSpecification in [
      .sgd(rate: 1, momentum: nil, nesterov: nil), .rmsprop(rate: 1, rho: 0.9, epsilon: 1e-7),
    ] {
      #expect(throws: NeuralError.self) {
        try MomentumRamp(from: 0.5, epochs: 1).check(optimizer)
      }
    }
  }
}

@Suite("The one-cycle schedule")
struct OneCycleTests {
  /// The rates of PyTorch's documentation of `OneCycleLR`, phase after phase: initial_lr = max_lr /
  /// div_factor, min_lr = initial_lr / final_div_factor, the first phase ends at pct_start x
  /// total_steps - 1, the second at total_steps - 1.
  private func rate(_ step: Int, of steps: Int) -> Double {
    let initial = 1.0 / 25
    var start = 0.0
    for (end, low, high) in [
      (0.3 * Double(steps) - 1, initial, 1), (Double(steps - 1), 1, initial / 10_000),
    ] {
      if Double(step) <= end {
        let out = cos(.pi * (Double(step) - start) / (end - start)) + 1
        return high + (low - high) / 2 * out
      }
      start = end
    }
    return .nan
  }

  @Test("is PyTorch's, whatever the length", arguments: [(1, 10), (5, 20), (3, 7), (13, 88)])
  func agrees(epochs: Int, stepsPerEpoch: Int) {
    let steps = epochs * stepsPerEpoch
    for step in 0..<steps {
      let found = Schedule.oneCycle.factor(
        step: step, stepsPerEpoch: stepsPerEpoch, epochs: epochs, losses: [])
      #expect(abs(Double(found) - rate(step, of: steps)) < 1e-7)
    }
  }

  @Test("begins at a 25th, is whole after 0.3 of the steps, ends at a 250,000th")
  func ends() {
    func factor(_ step: Int) -> Float {
      Schedule.oneCycle.factor(step: step, stepsPerEpoch: 20, epochs: 5, losses: [])
    }
    #expect(abs(factor(0) - 0.04) < 1e-7 && abs(factor(29) - 1) < 1e-6)
    #expect(abs(factor(99) - 4e-6) < 1e-9)
    #expect((0..<29).allSatisfy { factor($0) < factor($0 + 1) })
    #expect((29..<99).allSatisfy { factor($0) > factor($0 + 1) })
    // A run of one step has no way up.
    #expect(Schedule.oneCycle.factor(step: 0, stepsPerEpoch: 1, epochs: 1, losses: []).isFinite)
  }
}
