internal import CKernels

/// The options of a border of mirrored pixels.
struct ReflectionPadOptions: LayerKind {
  package static let name = "reflection-pad"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  /// The width of the border in pixels.
  let size: Int

  enum CodingKeys: String, CodingKey, CaseIterable {
    case size
  }

  var reads: ReadableFormats { .float32 }

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
  private let shape: CImageShape
  private let size: Int

  init(size: Int, context: LayerContext) throws(NeuralError) {
    shape = try context.imageShape()
    guard size >= 1 else {
      throw .badOption(what: "reflection-pad \(context.path)", reason: "size must be 1 or more")
    }
    guard min(shape.height, shape.width) > size else {
      throw context.misfit(needs: "at least \(size + 1)x\(size + 1)")
    }
    self.size = size
    outputShape = .image(
      height: shape.height + 2 * size, width: shape.width + 2 * size, channels: shape.channels)
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    cgeometry_pad(shape, size, input.start, output.start)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    cgeometry_pad_backward(shape, size, outputGradient.start, inputGradient.start)
  }
}
