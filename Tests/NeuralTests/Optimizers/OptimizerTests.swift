import Foundation
import Testing

@testable import Neural

@Suite("An optimiser")
struct OptimizerTests {
  /// One weight's way under gradients that change, by formulas in double precision.
  private func way(
    _ specification: OptimizerSpecification, l2: Double = 0,
    _ step: (_ time: Int, _ gradient: Double, _ weight: inout Double) -> Void
  ) throws {
    // So many weights that several threads and whole vectors are at work.
    let count = 20_003
    let parameter = Parameter(name: "w", shape: [count], l2: Float(l2))
    parameter.values.replace(with: [Float](repeating: 0.7, count: count))
    let optimizer = try Optimizer(specification)
    var weight = Double(Float(0.7))
    for time in 0..<5 {
      let gradient = Float([0.5, -1.5, 0.25, 2, -0.125][time])
      parameter.gradient.replace(with: [Float](repeating: gradient, count: count))
      optimizer.update([parameter], step: time)
      step(time + 1, Double(gradient) + 2 * l2 * weight, &weight)
      // Single precision after five steps of size below 1.
      for place in [0, 1, 10_001, count - 1] {
        #expect(abs(Double(parameter.values.values[place]) - weight) < 2e-6)
      }
      #expect(Set(parameter.values.values).count == 1)
    }
  }

  @Test("SGD goes down the gradient", arguments: [0, 0.001])
  func sgd(l2: Double) throws {
    try way(.sgd(rate: 0.1, momentum: nil, nesterov: nil), l2: l2) { _, gradient, weight in
      weight -= 0.1 * gradient
    }
  }

  @Test("SGD with momentum, and with Nesterov's", arguments: [false, true])
  func momentum(nesterov: Bool) throws {
    var velocity = 0.0
    try way(.sgd(rate: 0.1, momentum: 0.9, nesterov: nesterov)) { _, gradient, weight in
      velocity = 0.9 * velocity - 0.1 * gradient
      weight += nesterov ? 0.9 * velocity - 0.1 * gradient : velocity
    }
  }

  @Test("RMSprop divides by the root of the mean square")
  func rmsprop() throws {
    var mean = 0.0
    try way(.rmsprop(rate: 0.01, rho: 0.9, epsilon: 1e-7)) { _, gradient, weight in
      mean = 0.9 * mean + 0.1 * gradient * gradient
      weight -= 0.01 * gradient / (mean + 1e-7).squareRoot()
    }
  }

  @Test("Adam corrects both moments, and AMSGrad keeps the largest", arguments: [false, true])
  func adam(amsgrad: Bool) throws {
    var (first, second, largest) = (0.0, 0.0, 0.0)
    try way(.adam(rate: 0.01, beta1: nil, beta2: 0.9, epsilon: nil, amsgrad: amsgrad)) {
      time, gradient, weight in
      first = 0.9 * first + 0.1 * gradient
      second = 0.9 * second + 0.1 * gradient * gradient
      largest = max(largest, second)
      let rate = 0.01 * (1 - pow(0.9, Double(time))).squareRoot() / (1 - pow(0.9, Double(time)))
      weight -= rate * first / ((amsgrad ? largest : second).squareRoot() + 1e-7)
    }
  }

  @Test("AdamW lets weights decay beside the step")
  func adamw() throws {
    var (first, second) = (0.0, 0.0)
    try way(.adamw(rate: 0.01, decay: 0.1, beta1: nil, beta2: nil, epsilon: nil)) {
      time, gradient, weight in
      first = 0.9 * first + 0.1 * gradient
      second = 0.999 * second + 0.001 * gradient * gradient
      let rate =
        0.01 * (1 - pow(0.999, Double(time))).squareRoot() / (1 - pow(0.9, Double(time)))
      weight -= 0.01 * 0.1 * weight + rate * first / (second.squareRoot() + 1e-7)
    }
  }

  // Dozat 2016, algorithm 8, with the schedule of its section 3: mu_t = 0.9 (1 - 0.5 x 0.96^t).
  @Test("Nadam looks ahead")
  func nadam() throws {
    var (first, second, product) = (0.0, 0.0, 1.0)
    func mu(_ time: Int) -> Double { 0.9 * (1 - 0.5 * pow(0.96, Double(time))) }
    try way(.nadam(rate: 0.01, beta1: nil, beta2: nil, epsilon: nil)) { time, gradient, weight in
      product *= mu(time)
      first = 0.9 * first + 0.1 * gradient
      second = 0.999 * second + 0.001 * gradient * gradient
      let corrected =
        mu(time + 1) * first / (1 - product * mu(time + 1)) + (1 - mu(time)) * gradient
        / (1 - product)
      let root = (second / (1 - pow(0.999, Double(time)))).squareRoot()
      weight -= 0.01 * corrected / (root + 1e-7)
    }
  }

  @Test("goes on from its memory to the same bits")
  func resumes() throws {
    let specification = OptimizerSpecification.adam(
      rate: 0.01, beta1: nil, beta2: nil, epsilon: nil, amsgrad: true)
    func parameter() -> Parameter {
      let parameter = Parameter(name: "w", shape: [3])
      parameter.values.replace(with: [1, 2, 3])
      parameter.gradient.replace(with: [0.5, -1, 2])
      return parameter
    }
    let (whole, cut) = (parameter(), parameter())
    let optimizer = try Optimizer(specification)
    for step in 0..<6 { optimizer.update([whole], step: step) }
    let first = try Optimizer(specification)
    for step in 0..<3 { first.update([cut], step: step) }
    let second = try Optimizer(specification)
    try second.restore(
      first.memory.mapValues { ([$0.count], $0.values) }, for: [cut], step: 3)
    for step in 3..<6 { second.update([cut], step: step) }
    #expect(whole.values.values == cut.values.values && first.memory.count == 3)
  }

  @Test("leaves running means alone, and refuses options without meaning")
  func refuses() throws {
    let fixed = Parameter(name: "mean", shape: [1], isTrainable: false)
    fixed.values.replace(with: [1])
    try Optimizer(.sgd(rate: 1, momentum: nil, nesterov: nil)).update([fixed], step: 0)
    #expect(fixed.values.values == [1])
    for specification: OptimizerSpecification in [
      .sgd(rate: 0, momentum: nil, nesterov: nil), .sgd(rate: 1, momentum: 1, nesterov: nil),
      .sgd(rate: 1, momentum: nil, nesterov: true),
      .adam(rate: 1, beta1: 1, beta2: nil, epsilon: nil, amsgrad: nil),
      .adamw(rate: 1, decay: -1, beta1: nil, beta2: nil, epsilon: nil),
      .nadam(rate: 1, beta1: nil, beta2: nil, epsilon: 0),
      .rmsprop(rate: 1, rho: 0.9, epsilon: 0),
    ] {
      #expect(throws: NeuralError.self) { try Optimizer(specification) }
    }
  }
}

@Suite("A schedule")
struct ScheduleTests {
  private func factors(_ schedule: Schedule, epochs: Int, losses: [Float] = []) -> [Float] {
    (0..<epochs).map {
      schedule.factor(step: $0 * 10, stepsPerEpoch: 10, epochs: epochs, losses: losses)
    }
  }

  @Test("stays, falls by a factor an epoch or by steps")
  func falls() {
    #expect(factors(.constant, epochs: 3) == [1, 1, 1])
    #expect(factors(.exponential(factor: 0.5, epochs: nil), epochs: 4) == [1, 0.5, 0.25, 0.125])
    // The first two epochs only, as one source falls over the first 29.
    #expect(factors(.exponential(factor: 0.5, epochs: 2), epochs: 4) == [1, 0.5, 0.25, 0.25])
    #expect(factors(.step(factor: 0.5, every: 2), epochs: 5) == [1, 1, 0.5, 0.5, 0.25])
  }

  @Test("rises over the first epochs and falls along a cosine")
  func cosine() {
    let schedule = Schedule.cosine(warmUp: 1)
    func factor(_ step: Int) -> Float {
      schedule.factor(step: step, stepsPerEpoch: 10, epochs: 3, losses: [])
    }
    #expect(factor(0) == 0.1 && factor(9) == 1 && factor(10) == 1)
    #expect(abs(factor(20) - 0.5) < 1e-6 && factor(29) < 0.01)
  }

  @Test("halves when the loss has risen, and not after the first epoch")
  func halves() {
    #expect(
      factors(.halveOnRise, epochs: 5, losses: [3, 2, 2.5, 2.4, 2.6]) == [1, 1, 1, 0.5, 0.5])
    // The same loss has not risen.
    #expect(factors(.halveOnRise, epochs: 4, losses: [3, 3, 3, 3]) == [1, 1, 1, 1])
  }
}
