import Testing

@testable import Neural

/// What a step costs beside its arithmetic.
@Suite("A step")
struct SteadyStateTests {
  private let layers: [LayerSpecification] = [
    .convolution(.init(filters: 8, kernel: 3, activation: .relu)),
    .batchNormalization(.init()), .dropout(rate: 0.1), .maxPool(.init(window: 2)),
    .residual(.init(body: [.convolution(.init(filters: 8, kernel: 1))], activation: .relu)),
    .prelu(initial: 0.25), .flatten, .dense(.init(units: 64, activation: .sigmoid)),
  ]

  /// The precisions that this processor can compute in.
  private static let precisions = Precision.allCases.filter {
    $0 == .float32 || Machine.hasBFloat16
  }

  @Test("takes no fresh memory for tensors", arguments: Self.precisions)
  func allocatesNothing(precision: Precision) throws {
    _ = try Machine.start(threads: 2)
    let tower = try Tower(
      layers, input: .image(height: 32, width: 32, channels: 3), rows: 64, seed: 1,
      isTrainable: true, precision: precision)
    let optimizer = try Optimizer(
      .adam(rate: 0.001, beta1: nil, beta2: nil, epsilon: nil, amsgrad: nil))
    let gradient = FloatBuffer(count: 64 * 64)
    let genuine = (0..<32).map { $0 % 2 == 0 }
    func step(_ number: Int) throws {
      let pass = Pass.training(seed: 0, step: number)
      try tower.forward(pass)
      _ = ContrastiveLoss(margin: 1).evaluate(
        tower.embeddings, length: 64, genuine: genuine, gradient: gradient)
      try tower.backward(embeddingGradient: gradient, pass)
      optimizer.update(tower.parameters, step: number)
    }
    for number in 0..<5 { try step(number) }
    let before = FloatBuffer.made
    #expect(before > 0)
    for number in 5..<15 { try step(number) }
    #expect(FloatBuffer.made == before)
  }

  @Test("over classes takes no fresh memory either, and gives the same once more")
  func classes() throws {
    _ = try Machine.start(threads: 2)
    let head = try CosFaceLoss(options: .init()).makeHead(classes: 50, length: 8, seed: 0)
    let embeddings = FloatBuffer((0..<48).map { Float(($0 * 37) % 19) - 9 })
    let gradient = FloatBuffer(count: 48)
    let labels = [0, 7, 7, 49, 12, 3]
    let first = try head.evaluate(embeddings, labels: labels, gradient: gradient)
    let slopes = gradient.values
    let before = FloatBuffer.made
    let second = try head.evaluate(embeddings, labels: labels, gradient: gradient)
    #expect(FloatBuffer.made == before)
    #expect(first == second && slopes == gradient.values)
    // Another number of rows has memory of its own length.
    _ = try head.evaluate(embeddings, labels: [1, 2], gradient: gradient)
    #expect(try head.evaluate(embeddings, labels: labels, gradient: gradient) == first)
  }

  @Test("is stated with all memory it has")
  func statesMemory() throws {
    _ = try Machine.start(threads: 2)
    let tower = try Tower(
      [.convolution(.init(filters: 20, kernel: 3)), .flatten, .dense(.init(units: 10))],
      input: .image(height: 10, width: 12, channels: 3), rows: 4, seed: 0, isTrainable: true)
    // Input, the convolution's output, which flatten's is a view of, embeddings and their gradient,
    // the gradient of the convolution's output and room for that of the input.
    let (input, image, features) = (4 * 360, 4 * 8 * 10 * 20, 4 * 10)
    let planned = 4 * (input + image + features + features + image + input)
    #expect(tower.activationBytes >= planned)
    #expect(tower.activationBytes <= planned + 65_536)
  }
}
