internal import CKernels

/// The options of a layer that rotates, scales and shifts the image by a learned map.
struct SpatialTransformerOptions: LayerKind {
  package static let name = "spatial-transformer"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  /// The layers that compute the map; they end in six features.
  let localization: [LayerSpecification]
  /// The divisor of both sides.
  let downsample: Int

  init(localization: [LayerSpecification], downsample: Int) {
    self.localization = localization
    self.downsample = downsample
  }

  /// Decodes the options; the sides do not change by default.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    localization = try container.decode([LayerSpecification].self, forKey: .localization)
    downsample = try container.decodeIfPresent(Int.self, forKey: .downsample) ?? 1
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case localization, downsample
  }

  var reads: ReadableFormats { .float32 }

  func outputShape(for input: ActivationShape) -> ActivationShape? {
    guard case .image(let height, let width, let channels) = input, downsample >= 1,
      LayerSpecification.outputShape(of: localization, for: input) == .features(6),
      min(height, width) >= 2 * downsample
    else { return nil }
    return .image(height: height / downsample, width: width / downsample, channels: channels)
  }

  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String {
    let theta = try graph.add(
      localization, path: "\(place.path).0", over: place.input, source)
    guard case .image(let height, let width, _) = outputShape(for: place.input) else {
      throw .badOption(what: "\(place.name) \(place.path)", reason: "its input does not fit")
    }
    // Each target pixel as (u, v, 1), with u and v in -1...1.
    var pixels: [Float] = []
    for y in 0..<height {
      let v = -1 + 2 * Float(y) / Float(height - 1)
      for x in 0..<width { pixels += [-1 + 2 * Float(x) / Float(width - 1), v, 1] }
    }
    let target = graph.constant(.floats(pixels), shape: [1, height * width, 3])
    let mapShape = graph.constant(.integers([-1, 2, 3]), shape: [3])
    let map = graph.add(
      "Transpose", [graph.add("Reshape", [theta, mapShape])], ["perm": .ints([0, 2, 1])])
    let gridShape = graph.constant(.integers([-1, height, width, 2]), shape: [4])
    let grid = graph.add("Reshape", [graph.add("MatMul", [target, map]), gridShape])
    return graph.add(
      "GridSample", [source, grid],
      ["align_corners": .int(1), "padding_mode": .string("border"), "mode": .string("bilinear")])
  }

  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer {
    try SpatialTransformer(localization, downsample: downsample, context: context)
  }
}

extension LayerSpecification {
  /// Rotates, scales and shifts the image by a learned map.
  public static func spatialTransformer(
    _ localization: [LayerSpecification], downsample: Int
  ) -> LayerSpecification {
    .init(SpatialTransformerOptions(localization: localization, downsample: downsample))
  }
}

/// Rotates, scales and shifts the image by an affine map that a localization network computes.
///
/// The localization network ends in six features theta, the 2 x 3 map from target to source
/// coordinates in -1...1. The initial weights of its last dense layer should be 0 and its initial
/// bias [1, 0, 0, 0, 1, 0], the identity. Source coordinates (v + 1) / 2 (size - 1) are clamped to
/// the image and interpolated bilinearly. The sides of the target are those of the input divided by
/// `downsample`.
///
/// Source: Jaderberg and others, Spatial Transformer Networks, 2015, sections 3.1 to 3.3.
final class SpatialTransformer: Layer {
  let outputShape: ActivationShape
  var parameters: [Parameter] { localization.parameters }
  var multiplyAdds: Int { localization.multiplyAdds }
  var workBytes: Int {
    localization.trainingBytes + 4 * rows * (6 + source.height * source.width * source.channels)
  }
  var computingPrecision: Precision { localization.computingPrecision }
  var sharedBytes: Int { localization.sharedBytes }

  private let localization: LayerChain
  private let rows: Int
  private let source: CImageShape
  private let target: (height: Int, width: Int)
  private let thetaGradient: FloatBuffer
  private let localizationGradient: FloatBuffer

  init(
    _ localization: [LayerSpecification], downsample: Int, context: LayerContext
  ) throws(NeuralError) {
    source = try context.imageShape()
    guard downsample >= 1 else {
      throw .badOption(
        what: "spatial-transformer \(context.path)", reason: "downsample must be 1 or more")
    }
    target = (source.height / downsample, source.width / downsample)
    guard target.height >= 2, target.width >= 2 else {
      throw context.misfit(needs: "at least \(2 * downsample)x\(2 * downsample)")
    }
    self.localization = try LayerChain(
      localization, input: context.input,
      context: context.over(context.input, index: 0, name: context.name), outputPrecision: .float32)
    guard self.localization.outputShape == .features(6) else {
      throw .badOption(
        what: "spatial-transformer \(context.path)",
        reason: "its localization must end in 6 features, not \(self.localization.outputShape)")
    }
    rows = context.rows
    outputShape = .image(height: target.height, width: target.width, channels: source.channels)
    thetaGradient = FloatBuffer(count: context.isTrainable ? 6 * rows : 0)
    localizationGradient = FloatBuffer(
      count: context.isTrainable ? rows * context.input.count : 0)
  }

  func forward(
    _ input: FloatBuffer, into output: FloatBuffer, pass: Pass
  ) throws(NeuralError) {
    let theta = try localization.forward(input, pass)
    cgeometry_warp(
      source, target.height, target.width, theta.start, input.start, output.start)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) throws(NeuralError) {
    cgeometry_warp_backward(
      source, target.height, target.width, localization.output(of: input).start, input.start,
      outputGradient.start, thetaGradient.start, inputGradient?.start)
    try localization.backward(
      input: input, outputGradient: thetaGradient,
      inputGradient: inputGradient == nil ? nil : localizationGradient, pass)
    inputGradient?.add(localizationGradient)
  }
}
