import CFrequency

@testable import Neural

/// A convolution with random values, computed by definition.
struct ConvolutionExample: Sendable {
  let shape: CFrequencyShape
  let input, kernel, bias, gradient: [Float]
  var outHeight: Int { shape.height + 2 * shape.padding - shape.kernel + 1 }
  var outWidth: Int { shape.width + 2 * shape.padding - shape.kernel + 1 }

  init(_ shape: CFrequencyShape, scale: Float = 1) {
    self.shape = shape
    let (height, width) = (
      shape.height + 2 * shape.padding - shape.kernel + 1,
      shape.width + 2 * shape.padding - shape.kernel + 1
    )
    func rounded(_ values: [Float], _ isNarrow: Int32) -> [Float] {
      let buffer = FloatBuffer(
        values.map { $0 * scale }, precision: isNarrow != 0 ? .bfloat16 : .float32)
      return buffer.values
    }
    input = rounded(
      numbers(shape.rows * shape.height * shape.width * shape.channels, "input"),
      shape.narrow_input)
    kernel = numbers(shape.kernel * shape.kernel * shape.channels * shape.filters, "kernel")
    bias = numbers(shape.filters, "bias")
    gradient = rounded(
      numbers(shape.rows * height * width * shape.filters, "gradient"), shape.narrow_output)
  }

  /// Calls `body` with the indices of the input, the kernel and the output of every product.
  func forEachProduct(_ body: (_ input: Int, _ kernel: Int, _ output: Int) -> Void) {
    let (c, f, k) = (shape.channels, shape.filters, shape.kernel)
    for row in 0..<shape.rows {
      for y in 0..<outHeight {
        for x in 0..<outWidth {
          for i in 0..<k {
            for j in 0..<k {
              let (down, across) = (y + i - shape.padding, x + j - shape.padding)
              guard (0..<shape.height).contains(down), (0..<shape.width).contains(across) else {
                continue
              }
              let source = ((row * shape.height + down) * shape.width + across) * c
              let target = ((row * outHeight + y) * outWidth + x) * f
              for channel in 0..<c {
                for filter in 0..<f {
                  body(
                    source + channel, ((i * k + j) * c + channel) * f + filter, target + filter)
                }
              }
            }
          }
        }
      }
    }
  }

  struct Results: Sendable {
    var output, inputGradient, kernelGradient, biasGradient: [Double]
  }

  /// The results in double precision; `isReLU` applies to the output and to its gradient.
  func reference(isReLU: Bool) -> Results {
    var output = gradient.indices.map { Double(bias[$0 % shape.filters]) }
    forEachProduct { output[$2] += Double(input[$0]) * Double(kernel[$1]) }
    let passed = zip(gradient, output).map { isReLU && $1 <= 0 ? 0 : Double($0) }
    var (ofInput, ofKernel) = (input.map { _ in 0.0 }, kernel.map { _ in 0.0 })
    var ofBias = bias.map { _ in 0.0 }
    for (index, value) in passed.enumerated() { ofBias[index % shape.filters] += value }
    forEachProduct {
      ofInput[$0] += passed[$2] * Double(kernel[$1])
      ofKernel[$1] += passed[$2] * Double(input[$0])
    }
    return Results(
      output: isReLU ? output.map { max($0, 0) } : output, inputGradient: ofInput,
      kernelGradient: ofKernel, biasGradient: ofBias)
  }
}

extension ConvolutionExample.Results {
  /// The greatest difference of each result from the expected one, relative to the greatest value:
  /// output, gradients of the input, the kernel and the bias.
  func errors(_ expected: Self) -> [Double] {
    [
      Self.error(output, expected.output), Self.error(inputGradient, expected.inputGradient),
      Self.error(kernelGradient, expected.kernelGradient),
      Self.error(biasGradient, expected.biasGradient),
    ]
  }

  /// The greatest difference relative to the greatest value.
  private static func error(_ found: [Double], _ expected: [Double]) -> Double {
    let most = expected.map(abs).max() ?? 0
    // A NaN must not be lost in a maximum.
    return zip(found, expected).reduce(0) { $1.0.isFinite ? max($0, abs($1.0 - $1.1)) : .infinity }
      / (most == 0 ? 1 : most)
  }
}
