/// The options of a layer that takes the mean of each channel over all pixels.
public struct GlobalAveragePoolOptions: LayerKind {
  package static let name = "global-average-pool"
  package static let optionNames: [String]? = []

  var inputPrecision: LayerInputPrecision { .float32 }

  func outputShape(for input: ActivationShape) -> ActivationShape? {
    if case .image(_, _, let channels) = input { .features(channels) } else { nil }
  }

  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String {
    graph.add("Flatten", [graph.add("GlobalAveragePool", [source])], ["axis": .int(1)])
  }

  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer {
    try GlobalAveragePool(context: context)
  }
}

extension LayerSpecification {
  /// Takes the mean of each channel over all pixels.
  public static var globalAveragePool: LayerSpecification { .init(GlobalAveragePoolOptions()) }
}

/// out[c] = the mean over y and x of in[y, x, c]; `[rows, height, width, channel]` to
/// `[rows, channel]`.
///
/// Source: Lin, Chen and Yan, Network In Network, 2014, section 3.2.
final class GlobalAveragePool: Layer {
  let outputShape: ActivationShape
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private let rows: Int
  private let pixels: Int
  private let channels: Int

  init(context: LayerContext) throws(NeuralError) {
    let image = try context.image()
    rows = context.rows
    pixels = image.height * image.width
    channels = image.channels
    outputShape = .features(channels)
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    output.start.update(repeating: 0, count: output.count)
    let scale = 1 / Float(pixels)
    for row in 0..<rows {
      let sums = output.start + row * channels
      for pixel in 0..<pixels {
        let values = input.start + (row * pixels + pixel) * channels
        for channel in 0..<channels { sums[channel] += values[channel] }
      }
      for channel in 0..<channels { sums[channel] *= scale }
    }
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    let scale = 1 / Float(pixels)
    for row in 0..<rows {
      let gradients = outputGradient.start + row * channels
      for pixel in 0..<pixels {
        let target = inputGradient.start + (row * pixels + pixel) * channels
        for channel in 0..<channels { target[channel] = scale * gradients[channel] }
      }
    }
  }
}
