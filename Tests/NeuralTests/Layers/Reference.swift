import Foundation

@testable import Neural

/// Every layer once more, plainly, in double precision, with the same weights: what the fast path is
/// held against, and what is differentiated.
struct Reference {
  /// The weights of each layer, in the order of ``Layer/parameters``.
  var parameters: [[Double]]
  let rows: Int

  /// The output of some layers; takes the weights it needs from the front.
  func forward(
    _ layers: [LayerSpecification], _ input: [Double], _ shape: ActivationShape,
    from first: inout Int
  ) -> (values: [Double], shape: ActivationShape) {
    var (values, shape) = (input, shape)
    for layer in layers {
      let output = layer.outputShape(for: shape) ?? shape
      values = forward(layer, values, shape, output, from: &first)
      shape = output
    }
    return (values, shape)
  }

  private func lengths(_ shape: ActivationShape) -> (height: Int, width: Int, channels: Int) {
    switch shape {
    case .image(let height, let width, let channels): (height, width, channels)
    case .features(let count): (1, 1, count)
    }
  }

  private func activated(_ x: Double, _ activation: Activation?) -> Double {
    switch activation ?? .linear {
    case .linear: x
    case .relu: max(x, 0)
    case .leakyReLU: x > 0 ? x : 0.01 * x
    case .tanh: tanh(x)
    case .scaledTanh: 1.7159 * tanh(2 * x / 3)
    case .sigmoid: 1 / (1 + exp(-x))
    }
  }

  private func forward(
    _ layer: LayerSpecification, _ input: [Double], _ shape: ActivationShape,
    _ output: ActivationShape, from first: inout Int
  ) -> [Double] {
    let (h, w, c) = lengths(shape)
    let (oh, ow, oc) = lengths(output)
    func at(_ row: Int, _ y: Int, _ x: Int, _ channel: Int) -> Double {
      input[((row * h + y) * w + x) * c + channel]
    }
    func each(_ body: (Int, Int, Int, Int) -> Double) -> [Double] {
      (0..<rows).flatMap { row in
        (0..<oh).flatMap { y in (0..<ow).flatMap { x in (0..<oc).map { body(row, y, x, $0) } } }
      }
    }
    func next() -> [Double] {
      defer { first += 1 }
      return parameters[first]
    }
    switch layer.kind {
    case let options as ConvolutionOptions:
      let kernel = next()
      let bias = options.hasBias ? next() : [Double](repeating: 0, count: oc)
      let (k, s, p) = (options.kernel, options.stride ?? 1, options.padding ?? 0)
      return each { row, y, x, f in
        var sum = bias[f]
        for i in 0..<k {
          for j in 0..<k {
            let (iy, ix) = (y * s + i - p, x * s + j - p)
            guard (0..<h).contains(iy), (0..<w).contains(ix) else { continue }
            for channel in 0..<c {
              sum += at(row, iy, ix, channel) * kernel[((i * k + j) * c + channel) * oc + f]
            }
          }
        }
        return activated(sum, options.activation)
      }
    case is MaxPoolOptions, is AveragePoolOptions:
      let isMax = layer.kind is MaxPoolOptions
      let n =
        (layer.kind as? MaxPoolOptions)?.window ?? (layer.kind as? AveragePoolOptions)?.window ?? 1
      return each { row, y, x, f in
        let window = (0..<n).flatMap { i in (0..<n).map { at(row, y * n + i, x * n + $0, f) } }
        if isMax { return window.max() ?? 0 }
        return window.reduce(0, +) / Double(n * n)
      }
    case is GlobalAveragePoolOptions:
      return (0..<rows).flatMap { row in
        (0..<c).map { channel in
          (0..<h * w).reduce(0) { $0 + at(row, $1 / w, $1 % w, channel) } / Double(h * w)
        }
      }
    case let options as ChannelRowPoolOptions:
      let n = options.window
      return each { row, y, x, f in
        (0..<n).flatMap { i in (0..<n).map { at(row, y * n + i, x, f * n + $0) } }.max() ?? 0
      }
    case let options as DenseOptions:
      let (kernel, bias) = (next(), next())
      return each { row, _, _, unit in
        activated(
          (0..<c).reduce(bias[unit]) { $0 + input[row * c + $1] * kernel[$1 * oc + unit] },
          options.activation)
      }
    case let options as BatchNormalizationOptions:
      let (gamma, beta) = (next(), next())
      first += 2
      let count = Double(rows * h * w)
      let pixels = stride(from: 0, to: input.count, by: c)
      let moments = (0..<c).map { channel in
        let mean = pixels.reduce(0) { $0 + input[$1 + channel] } / count
        let variance = pixels.reduce(0) { $0 + pow(input[$1 + channel] - mean, 2) } / count
        return (mean: mean, variance: variance)
      }
      return each { row, y, x, f in
        gamma[f] * (at(row, y, x, f) - moments[f].mean)
          / (moments[f].variance + Double(options.epsilon ?? 0.001)).squareRoot() + beta[f]
      }
    case let options as ActivationOptions: return input.map { activated($0, options.kind) }
    case is PReLUOptions:
      let slopes = next()
      return each { row, y, x, f in
        let value = at(row, y, x, f)
        return max(value, 0) + slopes[f] * min(value, 0)
      }
    case let options as ResidualOptions:
      let body = forward(options.body, input, shape, from: &first).values
      let shortcut = forward(options.shortcut ?? [], input, shape, from: &first).values
      return zip(body, shortcut).map { activated($0 + $1, options.activation) }
    case let options as ReflectionPadOptions:
      let size = options.size
      func mirrored(_ place: Int, _ length: Int) -> Int {
        let place = place - size
        return place < 0 ? -place : place >= length ? 2 * length - 2 - place : place
      }
      return each { row, y, x, f in at(row, mirrored(y, h), mirrored(x, w), f) }
    case is DropoutOptions, is FlattenOptions: return input
    case is L2NormalizationOptions:
      return each { row, _, _, f in
        let norm = (0..<c).reduce(0) { $0 + pow(input[row * c + $1], 2) }.squareRoot()
        return input[row * c + f] / norm
      }
    case let options as BranchesOptions:
      let outputs = options.branches.map { branch in forward(branch, input, shape, from: &first) }
      return (0..<rows).flatMap { row in
        outputs.flatMap { values, shape in
          values[row * shape.count..<(row + 1) * shape.count]
        }
      }
    case let options as SqueezeExcitationOptions:
      let scales = forward(options.gate(c), input, shape, from: &first).values
      return each { row, y, x, f in at(row, y, x, f) * scales[row * c + f] }
    case let options as SpatialTransformerOptions:
      let theta = forward(options.localization, input, shape, from: &first).values
      return each { row, y, x, f in
        let t = Array(theta[6 * row..<6 * row + 6])
        let (u, v) = (2 * Double(x) / Double(ow - 1) - 1, 2 * Double(y) / Double(oh - 1) - 1)
        func place(_ a: Double, _ b: Double, _ c: Double, _ length: Int) -> Double {
          min(max((a * u + b * v + c + 1) / 2 * Double(length - 1), 0), Double(length - 1))
        }
        let (sx, sy) = (place(t[0], t[1], t[2], w), place(t[3], t[4], t[5], h))
        // A tent over each pixel: the same interpolation written another way.
        var sum = 0.0
        for iy in 0..<h {
          for ix in 0..<w {
            sum +=
              at(row, iy, ix, f) * max(0, 1 - abs(sx - Double(ix)))
              * max(0, 1 - abs(sy - Double(iy)))
          }
        }
        return sum
      }
    default: preconditionFailure("\(layer.name) has no reference")
    }
  }
}
