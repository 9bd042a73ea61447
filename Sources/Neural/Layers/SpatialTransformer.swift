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

  var inputPrecision: LayerInputPrecision { .float32 }

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
  private let source: (height: Int, width: Int, channels: Int)
  private let target: (height: Int, width: Int)
  private let thetaGradient: FloatBuffer
  private let localizationGradient: FloatBuffer

  init(
    _ localization: [LayerSpecification], downsample: Int, context: LayerContext
  ) throws(NeuralError) {
    source = try context.image()
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

  /// The source position of a target pixel and the weights of its neighbours.
  private struct Reading {
    let x: Float
    let y: Float
    let left: Int
    let top: Int
    let right: Int
    let bottom: Int
    /// The weights of the right and lower neighbours.
    let across: Float
    let down: Float
    /// Whether the coordinate changes with theta; it does not if it is clamped at the border.
    let movesAcross: Bool
    let movesDown: Bool
  }

  private func reading(_ theta: UnsafePointer<Float>, _ x: Int, _ y: Int) -> Reading {
    let u = -1 + 2 * Float(x) / Float(target.width - 1)
    let v = -1 + 2 * Float(y) / Float(target.height - 1)
    func place(_ value: Float, _ size: Int) -> (low: Int, high: Int, fraction: Float, moves: Bool) {
      let wanted = (value + 1) / 2 * Float(size - 1)
      // A network that has diverged reads the corner pixel; NaN remains in the weights of the
      // interpolation.
      guard wanted.isFinite else { return (0, 0, wanted, false) }
      let held = min(max(wanted, 0), Float(size - 1))
      let low = min(Int(held), size - 1)
      return (low, min(low + 1, size - 1), held - Float(low), held == wanted)
    }
    let across = place(theta[0] * u + theta[1] * v + theta[2], source.width)
    let down = place(theta[3] * u + theta[4] * v + theta[5], source.height)
    return Reading(
      x: u, y: v, left: across.low, top: down.low, right: across.high, bottom: down.high,
      across: across.fraction, down: down.fraction, movesAcross: across.moves, movesDown: down.moves
    )
  }

  private func place(_ row: Int, _ y: Int, _ x: Int) -> Int {
    ((row * source.height + y) * source.width + x) * source.channels
  }

  func forward(
    _ input: FloatBuffer, into output: FloatBuffer, pass: Pass
  ) throws(NeuralError) {
    let theta = try localization.forward(input, pass)
    var out = 0
    for row in 0..<rows {
      for y in 0..<target.height {
        for x in 0..<target.width {
          let r = reading(theta.start + 6 * row, x, y)
          let (a, b) = (place(row, r.top, r.left), place(row, r.top, r.right))
          let (c, d) = (place(row, r.bottom, r.left), place(row, r.bottom, r.right))
          for channel in 0..<source.channels {
            let above =
              input.start[a + channel] * (1 - r.across) + input.start[b + channel] * r.across
            let below =
              input.start[c + channel] * (1 - r.across) + input.start[d + channel] * r.across
            output.start[out] = above * (1 - r.down) + below * r.down
            out += 1
          }
        }
      }
    }
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) throws(NeuralError) {
    let theta = localization.output(of: input)
    thetaGradient.start.update(repeating: 0, count: thetaGradient.count)
    inputGradient?.start.update(
      repeating: 0, count: rows * source.height * source.width * source.channels)
    var out = 0
    for row in 0..<rows {
      for y in 0..<target.height {
        for x in 0..<target.width {
          let r = reading(theta.start + 6 * row, x, y)
          let (a, b) = (place(row, r.top, r.left), place(row, r.top, r.right))
          let (c, d) = (place(row, r.bottom, r.left), place(row, r.bottom, r.right))
          var (gradientAcross, gradientDown): (Float, Float) = (0, 0)
          for channel in 0..<source.channels {
            let gradient = outputGradient.start[out]
            out += 1
            let (p, q) = (input.start[a + channel], input.start[b + channel])
            let (s, t) = (input.start[c + channel], input.start[d + channel])
            gradientAcross += gradient * ((q - p) * (1 - r.down) + (t - s) * r.down)
            gradientDown += gradient * ((s - p) * (1 - r.across) + (t - q) * r.across)
            guard let target = inputGradient?.start else { continue }
            target[a + channel] += gradient * (1 - r.across) * (1 - r.down)
            target[b + channel] += gradient * r.across * (1 - r.down)
            target[c + channel] += gradient * (1 - r.across) * r.down
            target[d + channel] += gradient * r.across * r.down
          }
          accumulate(r, row: row, across: gradientAcross, down: gradientDown)
        }
      }
    }
    try localization.backward(
      input: input, outputGradient: thetaGradient,
      inputGradient: inputGradient == nil ? nil : localizationGradient, pass)
    inputGradient?.add(localizationGradient)
  }

  /// Adds what one target pixel contributes to the gradient of theta.
  private func accumulate(_ reading: Reading, row: Int, across: Float, down: Float) {
    let gradients = thetaGradient.start + 6 * row
    let across = reading.movesAcross ? across * Float(source.width - 1) / 2 : 0
    let down = reading.movesDown ? down * Float(source.height - 1) / 2 : 0
    for (index, coordinate) in [reading.x, reading.y, 1].enumerated() {
      gradients[index] += across * coordinate
      gradients[3 + index] += down * coordinate
    }
  }
}
