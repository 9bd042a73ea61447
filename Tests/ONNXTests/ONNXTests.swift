import Foundation
import Randomness
import Shards
import TestSupport
import Testing

@testable import Neural
@testable import ONNX
@testable import Train

@Suite("A network as ONNX", .serialized)
struct ONNXTests {
  private static let networks: [Network] =
    (try? Network.all(in: "\(Surroundings.root)/manifests/networks")) ?? []

  /// The layers that no network of the project has.
  private static let others: [(name: String, tower: [LayerSpecification])] = [
    (
      "pools",
      [
        .convolution(ConvolutionOptions(filters: 6, kernel: 3, activation: .scaledTanh)),
        .averagePool(AveragePoolOptions(window: 2)), .activation(.leakyReLU),
        .squeezeExcitation(reduction: 2), .globalAveragePool, .l2Normalization,
      ]
    ),
    (
      "activations",
      [
        .activation(.sigmoid), .flatten, .batchNormalization(BatchNormalizationOptions()),
        .prelu(initial: 0.1), .dense(DenseOptions(units: 5, activation: .tanh)),
      ]
    ),
  ]

  /// A tower with random weights, also of batch normalisations.
  private func tower(_ layers: [LayerSpecification], _ input: ActivationShape) throws -> Tower {
    _ = try Machine.start(threads: 2)
    let tower = try Tower(layers, input: input, rows: 3, seed: 4, isTrainable: true)
    var random = RandomStream(seed: 5, "statistics")
    for parameter in tower.parameters {
      let part = parameter.name.split(separator: ".").last
      guard ["mean", "variance", "gamma", "beta"].contains(part) else { continue }
      parameter.values.replace(
        with: (0..<parameter.count).map { _ in
          Float(
            part == "variance" || part == "gamma" ? 0.5 + random.uniform() : random.normal() / 4)
        })
    }
    return tower
  }

  private func compare(_ layers: [LayerSpecification], _ input: ActivationShape) throws {
    let tower = try tower(layers, input)
    guard case .image(let height, let width, let channels) = input else { return }
    var random = RandomStream(seed: 6, "pixels")
    let pixels = (0..<3 * input.count).map { _ in Float(random.uniform()) }
    tower.input.replace(with: pixels)
    try tower.forward(.inference)
    let expected = Array(
      UnsafeBufferPointer(start: tower.embeddings.start, count: 3 * tower.embeddingLength))
    let weights = Dictionary(
      uniqueKeysWithValues: tower.parameters.map {
        ($0.name, Array(UnsafeBufferPointer(start: $0.values.start, count: $0.count)))
      })
    let graph = try ExportGraph(layers, input: input, weights: weights)
    #expect(graph.embeddingLength == tower.embeddingLength)
    let folder = try TemporaryFolder()
    let bytes = try ONNXFile.bytes(graph, version: "1", metadata: ["key": "value"])
    try Data(bytes).write(to: URL(fileURLWithPath: folder.file("tower.onnx")))
    // [row, column, channel] becomes [channel, row, column].
    var turned: [Float] = []
    for row in 0..<3 {
      for channel in 0..<channels {
        for pixel in 0..<height * width {
          turned.append(pixels[row * input.count + pixel * channels + channel])
        }
      }
    }
    try TensorFile(
      metadata: [:],
      tensors: ["x": .init(shape: [3, channels, height, width], values: turned)]
    ).write(to: folder.file("x.safetensors"))
    let outcome = try Tool(path: Surroundings.python).run(
      "\(Surroundings.root)/Tests/ONNXTests/Scripts/run_onnx.py", folder.file("tower.onnx"),
      folder.file("x.safetensors"), folder.file("y.safetensors"))
    try #require(outcome.code == 0, "\(outcome.error)")
    let found = try #require(try TensorFile(path: folder.file("y.safetensors")).tensors["y"])
    #expect(found.shape == [3, tower.embeddingLength])
    let scale = max(1, expected.map(abs).max() ?? 1)
    let worst = zip(found.values, expected).map { abs($0 - $1) }.max() ?? 0
    #expect(worst / scale < 1e-4, "differs by \(worst) of \(scale)")
    // The test could not fail if all images had one embedding.
    let length = tower.embeddingLength
    #expect(Array(expected[..<length]) != Array(expected[length..<2 * length]))
  }

  @Test(
    "gives the same embeddings in onnxruntime", .enabled(if: Surroundings.hasPython),
    arguments: networks)
  func network(_ network: Network) throws {
    try compare(network.tower, network.input.shape)
  }

  @Test(
    "has every kind of layer", .enabled(if: Surroundings.hasPython), arguments: [0, 1])
  func otherLayers(_ place: Int) throws {
    try compare(Self.others[place].tower, .image(height: 12, width: 9, channels: 2))
    let names = Set(
      (Self.networks.map(\.tower) + Self.others.map(\.tower)).flatMap { tower in
        tower.map(\.name)
      })
    // A kind that neither a network nor this test has would be exported untested.
    for kind in LayerKinds.all { #expect(names.contains(kind.name), "\(kind.name)") }
  }

  @Test("is refused without its weights")
  func missing() {
    #expect(throws: NeuralError.self) {
      try ExportGraph(
        [.flatten, .dense(DenseOptions(units: 2))],
        input: .image(height: 2, width: 2, channels: 1), weights: [:])
    }
  }
}
