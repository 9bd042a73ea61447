/// The options of a border of mirrored pixels.
struct ReflectionPadOptions: LayerKind {
  package static let name = "reflection-pad"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  /// The width of the border in pixels.
  let size: Int

  enum CodingKeys: String, CodingKey, CaseIterable {
    case size
  }

  var inputPrecision: LayerInputPrecision { .float32 }

  func outputShape(for input: ActivationShape) -> ActivationShape? {
    guard case .image(let height, let width, let channels) = input, min(height, width) > size else {
      return nil
    }
    return .image(height: height + 2 * size, width: width + 2 * size, channels: channels)
  }

  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String {
    let pads = graph.constant(.integers([0, 0, size, size, 0, 0, size, size]), shape: [8])
    return graph.add("Pad", [source, pads], ["mode": .string("reflect")])
  }

  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer {
    try ReflectionPad(size: size, context: context)
  }
}

extension LayerSpecification {
  /// Adds a border of mirrored pixels.
  public static func reflectionPad(size: Int) -> LayerSpecification {
    .init(ReflectionPadOptions(size: size))
  }
}

/// Adds a border of mirrored pixels; the edge itself is not repeated.
final class ReflectionPad: Layer {
  let outputShape: ActivationShape
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private let rows: Int
  private let size: Int
  private let input: (height: Int, width: Int, channels: Int)

  init(size: Int, context: LayerContext) throws(NeuralError) {
    input = try context.image()
    guard size >= 1 else {
      throw .badOption(what: "reflection-pad \(context.path)", reason: "size must be 1 or more")
    }
    guard min(input.height, input.width) > size else {
      throw context.misfit(needs: "at least \(size + 1)x\(size + 1)")
    }
    self.size = size
    rows = context.rows
    outputShape = .image(
      height: input.height + 2 * size, width: input.width + 2 * size, channels: input.channels)
  }

  /// Calls `body` with the index of every output pixel and the index of the input pixel copied to
  /// it.
  private func forEachPixel(_ body: (Int, Int) -> Void) {
    func mirrored(_ place: Int, _ length: Int) -> Int {
      let place = abs(place - size)
      return place < length ? place : 2 * (length - 1) - place
    }
    var out = 0
    for row in 0..<rows {
      for y in 0..<input.height + 2 * size {
        let line = (row * input.height + mirrored(y, input.height)) * input.width
        for x in 0..<input.width + 2 * size {
          body(out, (line + mirrored(x, input.width)) * input.channels)
          out += input.channels
        }
      }
    }
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    let channels = self.input.channels
    forEachPixel { (output.start + $0).update(from: input.start + $1, count: channels) }
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    let channels = self.input.channels
    inputGradient.start.update(repeating: 0, count: input.count)
    forEachPixel { out, place in
      for channel in 0..<channels {
        inputGradient.start[place + channel] += outputGradient.start[out + channel]
      }
    }
  }
}
