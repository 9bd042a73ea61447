import Testing

@testable import Neural

private let orlKeras: [LayerSpecification] = [
  .convolution(.init(filters: 6, kernel: 3, activation: .relu)), .maxPool(.init(window: 2)),
  .dropout(rate: 0.25),
  .convolution(.init(filters: 12, kernel: 3, activation: .relu)), .maxPool(.init(window: 2)),
  .dropout(rate: 0.25), .flatten, .dense(.init(units: 128, activation: .relu)), .dropout(rate: 0.1),
  .dense(.init(units: 50, activation: .relu)),
]

@Suite("A tower", .serialized)
struct TowerTests {
  private func tower(
    _ layers: [LayerSpecification], _ height: Int, _ width: Int, rows: Int = 2, seed: Int = 0
  ) throws -> Tower {
    _ = try Machine.start(threads: 2)
    return try Tower(
      layers, input: .image(height: height, width: width, channels: 1), rows: rows, seed: seed,
      isTrainable: true)
  }

  /// The counts that the recipe's arithmetic gives: 60 + 660 + 184,448 + 6,450.
  @Test("of orl-keras has its shapes and 191,618 parameters")
  func counts() throws {
    let descriptions = try tower(orlKeras, 56, 46).descriptions
    #expect(descriptions.map(\.parameters) == [60, 0, 0, 660, 0, 0, 0, 184_448, 0, 6_450])
    #expect(descriptions.reduce(0) { $0 + $1.parameters } == 191_618)
    #expect(
      descriptions.map(\.output.description) == [
        "54x44x6", "27x22x6", "27x22x6", "25x20x12", "12x10x12", "12x10x12", "1440", "128", "128",
        "50",
      ])
    #expect(descriptions[0].multiplyAdds == 54 * 44 * 6 * 9)
  }

  @Test("refuses a layer that does not fit, and says which")
  func refuses() throws {
    func failure(_ layers: [LayerSpecification]) throws -> NeuralError? {
      do {
        _ = try tower(layers, 8, 8)
        return nil
      } catch { return error as? NeuralError }
    }
    #expect(
      try failure([.convolution(.init(filters: 2, kernel: 9, activation: .relu)), .flatten])
        == .doesNotFit(layer: "convolution", path: "0", input: "8x8x1", needs: "at least 9x9"))
    guard
      case .doesNotFit("dense", "0", _, _) = try failure([
        .dense(.init(units: 2, activation: .relu))
      ])
    else {
      Issue.record("dense took an image")
      return
    }
    #expect(try failure([.maxPool(.init(window: 2))]) != nil)
    let normalization = LayerSpecification.batchNormalization(BatchNormalizationOptions())
    let convolution = LayerSpecification.convolution(
      .init(filters: 6, kernel: 3, activation: .relu))
    for (before, place) in [
      ([], "0"), ([normalization], "1"), ([convolution, .maxPool(.init(window: 2))], "2"),
    ] {
      guard
        case .badOption("dropout \(place)", _) = try failure(
          before + [.dropout(rate: 1), .flatten])
      else {
        Issue.record("dropout \(place) took a rate of 1")
        continue
      }
    }
  }

  @Test("begins with the same weights for the same seed, and others for another")
  func seeds() throws {
    let first = try tower(orlKeras, 56, 46).parameters[0].values.values
    #expect(try tower(orlKeras, 56, 46).parameters[0].values.values == first)
    #expect(try tower(orlKeras, 56, 46, seed: 1).parameters[0].values.values != first)
    // Glorot: fan in 9, fan out 54.
    let limit = Float((6.0 / 63).squareRoot())
    #expect(first.allSatisfy { abs($0) <= limit })
  }

  @Test("learns: one batch shown again and again loses its loss")
  func learns() throws {
    let layers: [LayerSpecification] = [
      .convolution(.init(filters: 4, kernel: 3, activation: .relu)), .maxPool(.init(window: 2)),
      .flatten,
      .dense(.init(units: 8, activation: .linear)),
    ]
    let tower = try tower(layers, 10, 10, rows: 8)
    for i in 0..<tower.input.count {
      tower.input.start[i] = Float((i * 7_919) % 101) / 101
    }
    let loss = ContrastiveLoss(margin: 1)
    let optimizer = try Optimizer(.rmsprop(rate: 1e-2, rho: 0.9, epsilon: 1e-7))
    let gradient = FloatBuffer(count: 8 * 8)
    var losses: [Float] = []
    for step in 0..<60 {
      let pass = Pass.training(seed: 0, step: step)
      try tower.forward(pass)
      losses.append(
        loss.evaluate(
          tower.embeddings, length: 8, genuine: [true, false, true, false], gradient: gradient))
      try tower.backward(embeddingGradient: gradient, pass)
      optimizer.update(tower.parameters, step: step)
    }
    let (first, last) = (try #require(losses.first), try #require(losses.last))
    #expect(last < first / 10)
  }

  @Test("takes weights by name and refuses those of another network")
  func loads() throws {
    let one = try tower(orlKeras, 56, 46)
    let other = try tower(orlKeras, 56, 46, seed: 1)
    let weights = Dictionary(
      uniqueKeysWithValues: one.parameters.map { ($0.name, ($0.shape, $0.values.values)) })
    try other.parameters.load(weights)
    #expect(other.parameters[3].values.values == one.parameters[3].values.values)
    var fewer = weights
    fewer["0.kernel"] = nil
    #expect(throws: NeuralError.foreignWeights(reason: "there is no 0.kernel")) {
      try other.parameters.load(fewer)
    }
    fewer["0.kernel"] = ([1], [1])
    #expect(throws: NeuralError.self) { try other.parameters.load(fewer) }
  }

  @Test("for inference keeps two outputs and no gradients, and gives what a trainable one gives")
  func inferenceMemory() throws {
    let trained = try tower(orlKeras, 56, 46)
    let inference = try Tower(
      orlKeras, input: trained.inputShape, rows: 2, seed: 0, isTrainable: false)
    try inference.parameters.load(
      Dictionary(
        uniqueKeysWithValues: trained.parameters.map { ($0.name, ($0.shape, $0.values.values)) }))
    #expect(Set(inference.chain.activations.map(\.raw)).count == 2)
    // A flattened image is the image itself.
    let views = trained.chain.layers.count { $0 is Flatten }
    #expect(
      Set(trained.chain.activations.map(\.raw)).count == trained.chain.layers.count - views)
    #expect(inference.chain.inputGradients.isEmpty)
    #expect(inference.parameters.allSatisfy { $0.gradient.count == 0 })
    for tower in [trained, inference] {
      tower.input.replace(with: numbers(tower.input.count, "faces"))
      try tower.forward(.inference)
    }
    #expect(trained.embeddings.values == inference.embeddings.values)
  }

  @Test("takes as many rows as its largest image allows")
  func rows() {
    // 54 x 44 x 6 numbers of 4 bytes, 57,024 bytes a row.
    let image = ActivationShape.image(height: 56, width: 46, channels: 1)
    func rows(_ bytes: Int, most: Int = 256) -> Int {
      LayerSpecification.rows(of: orlKeras, input: image, bytes: bytes, atMost: most)
    }
    #expect(rows(57_024 * 16) == 16 && rows(57_024 * 16 - 1) == 8)
    #expect(rows(1) == 1 && rows(.max / 2, most: 100) == 64)
  }
}
