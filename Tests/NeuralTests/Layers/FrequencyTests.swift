import CFrequency
import CMachine
import Dispatch
import Foundation
import Randomness
import Testing

@testable import Neural

/// The convolution in the frequency domain against loops in double precision, over random shapes and
/// every instruction set.
@Suite("A convolution in the frequency domain")
struct FrequencyTests {
  /// Shapes with one channel, odd sizes, one row, padding, and numbers of channels that do not fill a
  /// vector.
  static let shapes: [[Int]] = {
    // rows, height, width, channels, filters, kernel, padding, outputs of a tile
    var shapes = [
      [1, 1, 1, 1, 1, 1, 0], [1, 9, 9, 1, 1, 3, 1], [2, 10, 7, 3, 20, 4, 0],
      [3, 6, 17, 17, 5, 5, 2], [1, 21, 21, 16, 32, 4, 0], [7, 5, 5, 33, 16, 3, 2],
      [2, 26, 11, 4, 8, 10, 9], [1, 1, 3, 2, 2, 10, 5],
      // Tiles that divide the outputs and that do not, in both directions and in one.
      [2, 12, 12, 3, 5, 3, 0, 5], [1, 13, 17, 17, 4, 5, 4, 6], [3, 9, 20, 2, 18, 4, 2, 7],
      [2, 8, 31, 5, 3, 3, 1, 8], [1, 30, 6, 4, 4, 7, 3, 9], [2, 11, 11, 2, 2, 2, 1, 1],
      // Few channels, so that a vector holds several images: as many as fit, fewer because of the number
      // of rows, and tiles.
      [16, 9, 8, 1, 5, 3, 1], [10, 11, 12, 3, 6, 4, 0], [6, 12, 14, 2, 5, 3, 1, 5],
      [8, 10, 13, 4, 20, 4, 2, 6],
    ]
    var random = RandomStream(seed: 7, "shapes")
    for _ in 0..<8 {
      let kernel = 1 + random.index(below: 7)
      shapes.append([
        1 + random.index(below: 9), kernel + random.index(below: 20),
        kernel + random.index(below: 20), 1 + random.index(below: 24),
        1 + random.index(below: 24), kernel, random.index(below: kernel),
        random.index(below: 2) * (1 + random.index(below: 12)),
      ])
    }
    return shapes
  }()

  private func example(_ s: [Int], narrow: (input: Bool, output: Bool)) -> ConvolutionExample {
    ConvolutionExample(
      CFrequencyShape(
        rows: s[0], height: s[1], width: s[2], channels: s[3], filters: s[4], kernel: s[5],
        padding: s[6], narrow_input: narrow.input ? 1 : 0, narrow_output: narrow.output ? 1 : 0,
        tile: s.count > 7 ? s[7] : 0))
  }

  @Test(
    "agrees with loops in double precision", arguments: shapes,
    [CMACHINE_PORTABLE, CMACHINE_AVX2, CMACHINE_AVX512])
  func againstLoops(shape: [Int], level: CMachineLevel) throws {
    for isReLU in [false, true] {
      let example = example(shape, narrow: (false, false))
      let (found, expected) = (
        try example.frequency(level: level, isReLU: isReLU), example.reference(isReLU: isReLU)
      )
      #expect(found.errors(expected).allSatisfy { $0 < 1e-6 })
    }
  }

  @Test(
    "reads and writes images of 16-bit floats",
    arguments: [(true, true), (true, false), (false, true)],
    [CMACHINE_PORTABLE, CMACHINE_AVX2, CMACHINE_AVX512])
  func narrow(formats: (Bool, Bool), level: CMachineLevel) throws {
    for shape in [
      [2, 10, 7, 3, 20, 4, 0], [3, 6, 17, 17, 5, 5, 2], [2, 12, 14, 3, 5, 3, 1, 5],
    ] {
      let example = example(shape, narrow: formats)
      let (found, expected) = (
        try example.frequency(level: level, isReLU: false), example.reference(isReLU: false)
      )
      let errors = found.errors(expected)
      // A 16-bit float has 8 bits of fraction.
      #expect(errors[0] < (formats.1 ? 1.0 / 256 : 1e-6))
      #expect(errors[1] < (formats.0 ? 1.0 / 256 : 1e-6))
      #expect(errors[2] < 1e-6)
    }
  }

  @Test("gives the same bits with any number of threads")
  func threads() throws {
    let example = example([9, 12, 13, 20, 24, 5, 1], narrow: (false, false))
    let both = try example.frequency(level: CMACHINE_AVX512, isReLU: true)
    nonisolated(unsafe) var alone: ConvolutionExample.Results?
    let isDone = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      cmachine_use_calling_thread_only()
      alone = try? example.frequency(level: CMACHINE_AVX512, isReLU: true)
      isDone.signal()
    }
    isDone.wait()
    let one = try #require(alone)
    #expect(both.output == one.output && both.inputGradient == one.inputGradient)
    #expect(both.kernelGradient == one.kernelGradient && both.biasGradient == one.biasGradient)
  }

  @Test("takes lengths that nothing wraps around in", arguments: shapes)
  func lengths(s: [Int]) throws {
    let plan = try #require(cfrequency_create(example(s, narrow: (false, false)).shape))
    defer { cfrequency_destroy(plan) }
    var tiles = 1
    for (horizontal, count) in [s[1], s[2]].enumerated() {
      let outputs = count + 2 * s[6] - s[5] + 1
      let tile = s.count > 7 && s[7] > 0 && s[7] < outputs ? s[7] : outputs
      tiles *= (outputs + tile - 1) / tile
      var length = cfrequency_length(plan, Int32(horizontal))
      #expect(length >= (tile < outputs ? tile + s[5] - 1 : max(count + s[6], s[5])))
      for factor in [2, 3, 5, 7] { while length % factor == 0 { length /= factor } }
      #expect(length == 1)
    }
    // Small images are cheapest as a whole.
    #expect(cfrequency_tiles(plan) == tiles)
  }

  @Test("cuts images into tiles if their transforms would not stay in the cache")
  func tiles() throws {
    func tiles(_ side: Int, kernel: Int) throws -> Int {
      let plan = try #require(
        cfrequency_create(
          example([1, side, side, 64, 64, kernel, 0], narrow: (false, false)).shape))
      defer { cfrequency_destroy(plan) }
      return cfrequency_tiles(plan)
    }
    #expect(try tiles(105, kernel: 10) == 1)
    #expect(try tiles(400, kernel: 5) > 1)
  }
}

extension ConvolutionExample {
  /// The results of the kernels, computed with `level`.
  fileprivate func frequency(level: CMachineLevel, isReLU: Bool) throws -> Results {
    cmachine_limit_level(level)
    defer { cmachine_limit_level(CMACHINE_AVX512) }
    let plan = try #require(cfrequency_create(shape))
    defer { cfrequency_destroy(plan) }
    func floats(_ bytes: Int) -> FloatBuffer {
      // Memory that was used before.
      FloatBuffer([Float](repeating: .nan, count: bytes / 4))
    }
    func values(_ values: [Float], _ isNarrow: Int32) -> FloatBuffer {
      FloatBuffer(values, precision: isNarrow != 0 ? .bfloat16 : .float32)
    }
    let (x, g) = (values(input, shape.narrow_input), values(gradient, shape.narrow_output))
    let output = values(gradient.map { _ in .nan }, shape.narrow_output)
    let ofInput = values(input.map { _ in .nan }, shape.narrow_input)
    let (k, b) = (FloatBuffer(kernel), FloatBuffer(bias))
    let (ofKernel, ofBias) = (FloatBuffer(kernel.map { _ in .nan }), FloatBuffer(bias))
    let (spectrum, ofSpectrum) = (
      floats(cfrequency_input_bytes(plan)), floats(cfrequency_input_gradient_bytes(plan))
    )
    let products = floats(
      max(cfrequency_output_bytes(plan), cfrequency_gradient_bytes(plan)))
    let (kernels, others) = (
      floats(cfrequency_kernel_bytes(plan)), floats(cfrequency_kernel_bytes(plan))
    )
    let scratch = floats(cfrequency_scratch_bytes(plan))
    cfrequency_transform_kernel(plan, k.start, kernels.start, scratch.start)
    cfrequency_transform_input(plan, x.raw, spectrum.start, scratch.start)
    cfrequency_forward(
      plan, spectrum.start, kernels.start, b.start, isReLU ? 1 : 0, output.raw, products.start,
      scratch.start)
    cfrequency_transform_gradient(
      plan, g.raw, isReLU ? output.raw : nil, ofBias.start, products.start, scratch.start)
    cfrequency_backward_weights(
      plan, spectrum.start, products.start, ofKernel.start, others.start, scratch.start)
    cfrequency_backward_data(
      plan, products.start, kernels.start, ofInput.raw, ofSpectrum.start, scratch.start)
    return Results(
      output: output.values.map(Double.init), inputGradient: ofInput.values.map(Double.init),
      kernelGradient: ofKernel.values.map(Double.init),
      biasGradient: ofBias.values.map(Double.init))
  }
}
