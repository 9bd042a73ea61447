import Foundation
import Testing

@testable import Neural

/// Twenty steps beside Keras's own, from the same weights and batches.
///
/// Scripts/keras_replay.py has written the losses; weights and batches follow from the formula that
/// stands in both.
@Suite("Beside Keras")
struct ReplayTests {
  private struct Losses: Decodable {
    let orl: [Float]
    let cfpw: [Float]

    enum CodingKeys: String, CodingKey {
      case orl = "orl-keras"
      case cfpw = "cfpw2019"
    }
  }

  private static let steps = 20
  private static let batches = 4

  /// `count` numbers in 0..<1: the finaliser of MurmurHash3 over key and place.
  private func draw(_ key: UInt32, _ count: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: count) { target, used in
      for place in 0..<count {
        var x = UInt32(truncatingIfNeeded: place) &* 2_654_435_761 &+ key &* 40_503
        x ^= x >> 16
        x = x &* 0x85eb_ca6b
        x ^= x >> 13
        x = x &* 0xc2b2_ae35
        x ^= x >> 16
        target[place] = Double(x >> 8) / 16_777_216
      }
      used = count
    }
  }

  private func setWeights(_ parameters: [Parameter]) {
    for (number, parameter) in parameters.enumerated() {
      var limit = 0.1
      if parameter.shape.count > 1 {
        let field = parameter.shape.dropLast(2).reduce(1, *)
        let fans = parameter.shape.suffix(2).reduce(0, +)
        limit = (6 / Double(field * fans)).squareRoot()
      }
      parameter.values.replace(
        with: draw(UInt32(number), parameter.count).map { Float(limit * (2 * $0 - 1)) })
    }
  }

  /// Squares of 8 x 8 pixels that the identity has, and noise that the sample has.
  private func picture(
    identity: Int, sample: Int, _ shape: (height: Int, width: Int, channels: Int)
  ) -> [Float] {
    let (height, width, channels) = shape
    let squares = draw(UInt32(1_000 + identity), 16 * 16 * channels)
    let noise = draw(UInt32(5_000 + sample), height * width * channels)
    var values: [Float] = []
    for (place, noise) in noise.enumerated() {
      let (pixel, channel) = place.quotientAndRemainder(dividingBy: channels)
      let square = pixel / width / 8 * 16 + pixel % width / 8
      values.append(Float(0.4 * squares[square * channels + channel] + 0.1 * noise))
    }
    return values
  }

  /// The pictures of a batch, the left ones first.
  ///
  /// Even pairs are genuine; pair p is of identities p and, if it is an impostor pair, p + 1.
  private func batch(
    _ number: Int, pairs: Int, _ shape: (height: Int, width: Int, channels: Int)
  ) -> [Float] {
    var (left, right): ([Float], [Float]) = ([], [])
    for pair in 0..<pairs {
      let sample = 2 * (number * pairs + pair)
      left += picture(identity: pair, sample: sample, shape)
      right += picture(identity: pair + pair % 2, sample: sample + 1, shape)
    }
    return left + right
  }

  private func replay(
    _ layers: [LayerSpecification], _ shape: (height: Int, width: Int, channels: Int), pairs: Int,
    hasHead: Bool, optimizer: OptimizerSpecification
  ) throws -> [Float] {
    _ = try Machine.start(threads: 2)
    let input = ActivationShape.image(
      height: shape.height, width: shape.width, channels: shape.channels)
    let tower = try Tower(layers, input: input, rows: 2 * pairs, seed: 0, isTrainable: true)
    let head =
      hasHead
      ? try WeightedDifferenceHead(length: tower.embeddingLength, seed: 0, isTrainable: true) : nil
    let parameters = tower.parameters + (head?.parameters ?? [])
    setWeights(parameters)
    let optimizer = try Optimizer(optimizer)
    let batches = (0..<Self.batches).map { batch($0, pairs: pairs, shape) }
    let genuine = (0..<pairs).map { $0 % 2 == 0 }
    let gradient = FloatBuffer(count: 2 * pairs * tower.embeddingLength)
    return try (0..<Self.steps).map { step in
      tower.input.replace(with: batches[step % Self.batches])
      let pass = Pass.training(seed: 0, step: step)
      try tower.forward(pass)
      let loss =
        head?.crossEntropy(
          tower.embeddings, genuine: genuine, gradient: gradient, isDoubleSigmoid: false)
        ?? ContrastiveLoss(margin: 1, form: .keras).evaluate(
          tower.embeddings, length: tower.embeddingLength, genuine: genuine, gradient: gradient)
      try tower.backward(embeddingGradient: gradient, pass)
      optimizer.update(parameters, step: step)
      return loss
    }
  }

  private func expected() throws -> Losses {
    let url = try #require(
      Bundle.module.url(forResource: "keras_replay", withExtension: "json"))
    return try JSONDecoder().decode(Losses.self, from: Data(contentsOf: url))
  }

  // The rounding of 32-bit floats alone moves Keras's own losses by up to 0.4e-4 over these steps,
  // beside the same in 64 bits.
  private func compare(_ found: [Float], _ expected: [Float]) {
    #expect(found.count == Self.steps && expected.count == Self.steps)
    for (step, (one, other)) in zip(found, expected).enumerated() {
      #expect(abs(one - other) <= 1e-4, "step \(step)")
    }
  }

  @Test("orl-keras has the same losses step by step")
  func orlKeras() throws {
    let losses = try replay(
      [
        .convolution(.init(filters: 6, kernel: 3, activation: .relu)),
        .maxPool(.init(window: 2)),
        .convolution(.init(filters: 12, kernel: 3, activation: .relu)),
        .maxPool(.init(window: 2)), .flatten, .dense(.init(units: 128, activation: .relu)),
        .dense(.init(units: 50, activation: .relu)),
      ], (56, 46, 1), pairs: 128, hasHead: false,
      optimizer: .rmsprop(rate: 0.001, rho: 0.9, epsilon: 1e-7))
    compare(losses, try expected().orl)
  }

  @Test("cfpw2019 has the same losses step by step")
  func cfpw2019() throws {
    let convolutions: [LayerSpecification] = [(10, 32), (7, 64), (4, 64), (4, 128)].flatMap {
      kernel, filters -> [LayerSpecification] in
      [
        .convolution(.init(filters: filters, kernel: kernel, activation: .relu)),
        .maxPool(.init(window: 2)),
      ]
    }
    let losses = try replay(
      convolutions + [.flatten, .dense(.init(units: 4_096, activation: .sigmoid))],
      (105, 105, 3), pairs: 16, hasHead: true,
      optimizer: .adam(rate: 5e-5, beta1: nil, beta2: nil, epsilon: nil, amsgrad: nil))
    compare(losses, try expected().cfpw)
  }
}
