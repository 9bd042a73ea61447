import Foundation
import Randomness
import Testing

@testable import Neural

@Suite("Weight decay")
struct WeightDecayTests {
  /// Every optimiser; those with weight decay of their own have none here.
  static let optimizers: [OptimizerSpecification] = [
    .sgd(rate: 0.1, momentum: 0.9, nesterov: true), .rmsprop(rate: 0.1, rho: 0.9, epsilon: 1e-7),
    .adam(rate: 0.1, beta1: nil, beta2: nil, epsilon: nil, amsgrad: nil),
    .adam(rate: 0.1, beta1: nil, beta2: nil, epsilon: nil, amsgrad: true),
    .nadam(rate: 0.1, beta1: nil, beta2: nil, epsilon: nil),
  ]

  @Test(
    "is the sum of l2 w^2 over the weights that ask for it",
    arguments: [3, 4_096, 100_003], optimizers)
  func sums(count: Int, optimizer: OptimizerSpecification) throws {
    _ = try Machine.start(threads: 2)
    var random = RandomStream(seed: 1, "weights")
    func parameter(_ l2: Float, isTrainable: Bool = true) -> Parameter {
      let parameter = Parameter(name: "w", shape: [count], isTrainable: isTrainable, l2: l2)
      parameter.values.replace(with: (0..<count).map { _ in Float(random.normal()) })
      return parameter
    }
    let parameters = [
      parameter(0.5), parameter(0), parameter(0.01), parameter(1, isTrainable: false),
    ]
    func squares(_ parameter: Parameter) -> Double {
      parameter.values.values.reduce(0) { $0 + Double($1) * Double($1) }
    }
    let expected = 0.5 * squares(parameters[0]) + Double(Float(0.01)) * squares(parameters[2])
    // Sums of the same terms in double precision, taken in another order.
    let found = try Optimizer(optimizer).update(parameters, step: 0)
    #expect(abs(found - expected) < 1e-12 * expected * Double(count).squareRoot())
    // The weights have changed since.
    #expect(try Optimizer(optimizer).update(parameters, step: 0) != found)
    #expect(try Optimizer(optimizer).update([parameters[1]], step: 0) == 0)
  }

  @Test("is summed over more weights than there are parts of the smallest size")
  func large() throws {
    _ = try Machine.start(threads: 2)
    let count = 4_300_001
    let parameter = Parameter(name: "w", shape: [count], l2: 0.5)
    for index in 0..<count { parameter.values.start[index] = index % 5 == 0 ? 2 : 0 }
    let decay = try Optimizer(.sgd(rate: 0.1, momentum: nil, nesterov: nil))
      .update([parameter], step: 0)
    #expect(decay == 0.5 * 4 * 860_001)
  }

  // RECIPES, test vectors 12: N l2 sigma^2 = 301.99 for N = 9,216 x 4,096. A square has the variance
  // 2 sigma^4, so that the sum has a standard deviation of l2 sigma^2 sqrt(2 N) = 0.0695, which five
  // times are 0.35.
  @Test("of a dense layer of 9,216 x 4,096 weights with deviation 0.2 and l2 2e-4 is 301.99")
  func vector12() throws {
    _ = try Machine.start(threads: 2)
    var options = DenseOptions(units: 4_096, activation: .sigmoid)
    options.kernelInitializer = .normal(mean: 0, deviation: 0.2)
    options.l2 = 2e-4
    let tower = try Tower(
      [.dense(options)], input: .features(9_216), rows: 1, seed: 0, isTrainable: true)
    let decay = try Optimizer(.sgd(rate: 0.1, momentum: nil, nesterov: nil))
      .update(tower.parameters, step: 0)
    #expect(abs(decay - 301.99) < 0.35)
  }
}

/// One batch shown again and again loses its loss.
@Suite("A tower under a loss over identities")
struct IdentityLearningTests {
  private static let labels = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]

  /// Samples about four centres, nearer to each other than to those of others by little.
  private func tower() throws -> Tower {
    _ = try Machine.start(threads: 2)
    let tower = try Tower(
      [
        .dense(DenseOptions(units: 24, activation: .relu)),
        .dense(DenseOptions(units: 6)),
      ], input: .features(10), rows: Self.labels.count, seed: 5, isTrainable: true)
    var random = RandomStream(seed: 6, "samples")
    let centres = (0..<40).map { _ in random.normal() }
    tower.input.replace(
      with: Self.labels.flatMap { label in
        (0..<10).map { Float(centres[label * 10 + $0] + random.normal()) }
      })
    return tower
  }

  private func train(
    _ tower: Tower, _ others: [Parameter],
    _ loss: (FloatBuffer) throws -> LossValue
  ) throws -> (first: Float, last: Float) {
    let optimizer = try Optimizer(
      .adam(rate: 0.01, beta1: nil, beta2: nil, epsilon: nil, amsgrad: nil))
    let gradient = FloatBuffer(count: tower.embeddings.count)
    var losses: [Float] = []
    for step in 0..<150 {
      try tower.forward(.inference)
      losses.append(try loss(gradient).data)
      try tower.backward(embeddingGradient: gradient, .inference)
      optimizer.update(tower.parameters + others, step: step)
    }
    return (losses[0], losses[149])
  }

  @Test(
    "learns a batch by triplets",
    arguments: [
      TripletLoss(mining: .all), TripletLoss(mining: .semiHard, margin: 1),
      TripletLoss(mining: .batchHard),
      TripletLoss(mining: .batchHard, soft: true),
      TripletLoss(mining: .batchHard, distance: .cosine),
    ])
  func triplets(loss: TripletLoss) throws {
    let tower = try tower()
    let found = try train(tower, []) { gradient in
      loss.evaluate(
        tower.embeddings, length: 6, identities: Self.labels, gradient: gradient)
    }
    #expect(found.first > 0.1 && found.last < 0.05 * found.first, "\(found)")
  }

  @Test("learns a batch by classes", arguments: ["arcface", "cosface"])
  func classes(name: String) throws {
    let tower = try tower()
    let options = MarginSoftmaxOptions(scale: 16)
    let loss: any SoftmaxLoss =
      name == "arcface" ? ArcFaceLoss(options: options) : CosFaceLoss(options: options)
    let head = try loss.makeHead(classes: 4, length: 6, seed: 7)
    let found = try train(tower, head.parameters) { gradient in
      try head.evaluate(tower.embeddings, labels: Self.labels, gradient: gradient)
    }
    #expect(found.first > 1 && found.last < 0.05 * found.first, "\(found)")
  }
}
