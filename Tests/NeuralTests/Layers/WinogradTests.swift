import CFrequency
import CMachine
import CWinograd
import Dispatch
import Foundation
import Randomness
import Testing

@testable import Neural

/// Winograd's convolution against loops in double precision, over random shapes and every instruction
/// set.
@Suite("A convolution by Winograd's minimal filtering")
struct WinogradTests {
  /// Shapes with one channel, one row, sizes that do not fill a tile, every padding, and more tiles
  /// than are treated at a time.
  static let shapes: [[Int]] = {
    // rows, height, width, channels, filters, kernel, padding
    var shapes = [
      [1, 3, 3, 1, 1, 3, 0], [1, 4, 4, 1, 1, 4, 0], [2, 10, 7, 3, 20, 4, 0],
      [3, 6, 17, 17, 5, 3, 2],
      [1, 21, 21, 16, 32, 4, 3], [7, 5, 5, 33, 16, 3, 1], [2, 64, 60, 4, 8, 3, 1],
      [3, 40, 40, 2, 3, 4, 1], [9, 12, 13, 20, 24, 3, 1],
    ]
    var random = RandomStream(seed: 8, "shapes")
    for _ in 0..<10 {
      let kernel = 3 + random.index(below: 2)
      shapes.append([
        1 + random.index(below: 9), kernel + random.index(below: 20),
        kernel + random.index(below: 20), 1 + random.index(below: 40),
        1 + random.index(below: 40), kernel, random.index(below: kernel),
      ])
    }
    return shapes
  }()

  private func example(_ s: [Int], isNarrow: Bool = false) -> ConvolutionExample {
    let narrow: Int32 = isNarrow ? 1 : 0
    return ConvolutionExample(
      CFrequencyShape(
        rows: s[0], height: s[1], width: s[2], channels: s[3], filters: s[4], kernel: s[5],
        padding: s[6], narrow_input: narrow, narrow_output: narrow, tile: 0))
  }

  // The transforms multiply rounding errors; measured are 2e-6 to 8e-6.
  @Test(
    "agrees with loops in double precision", arguments: shapes,
    [CMACHINE_PORTABLE, CMACHINE_AVX2, CMACHINE_AVX512])
  func againstLoops(shape: [Int], level: CMachineLevel) throws {
    for isReLU in [false, true] {
      let example = example(shape)
      let (found, expected) = (
        try example.winograd(level: level, isReLU: isReLU), example.reference(isReLU: isReLU)
      )
      let errors = found.errors(expected)
      #expect(errors.prefix(3).allSatisfy { $0 < 1.5e-5 }, "\(errors)")
      #expect(errors[3] < 1e-6)
    }
  }

  @Test(
    "reads and writes images of 16-bit floats",
    arguments: [CMACHINE_PORTABLE, CMACHINE_AVX2, CMACHINE_AVX512])
  func narrow(level: CMachineLevel) throws {
    for shape in [[2, 10, 7, 3, 20, 4, 0], [3, 6, 17, 17, 5, 3, 2]] {
      let example = example(shape, isNarrow: true)
      let errors = try example.winograd(level: level, isReLU: false)
        .errors(example.reference(isReLU: false))
      // A 16-bit float has 8 bits of fraction.
      #expect(errors[0] < 1.0 / 256 && errors[1] < 1.0 / 256 && errors[2] < 1.5e-5)
    }
  }

  @Test("gives the same bits with any number of threads")
  func threads() throws {
    let example = example([9, 21, 23, 20, 24, 3, 1])
    let both = try example.winograd(level: CMACHINE_AVX512, isReLU: true)
    nonisolated(unsafe) var alone: ConvolutionExample.Results?
    let isDone = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      cmachine_use_calling_thread_only()
      alone = try? example.winograd(level: CMACHINE_AVX512, isReLU: true)
      isDone.signal()
    }
    isDone.wait()
    let one = try #require(alone)
    #expect(both.output == one.output && both.inputGradient == one.inputGradient)
    #expect(both.kernelGradient == one.kernelGradient && both.biasGradient == one.biasGradient)
  }

  @Test("is not planned for other kernels")
  func kernels() {
    for (kernel, padding) in [(2, 0), (5, 0), (3, 3), (4, -1)] {
      #expect(
        cwinograd_create(
          CWinogradShape(
            rows: 1, height: 9, width: 9, channels: 1, filters: 1, kernel: kernel, padding: padding,
            narrow: 0)) == nil)
    }
  }
}

extension ConvolutionExample {
  /// The results of the kernels, computed with `level`.
  fileprivate func winograd(level: CMachineLevel, isReLU: Bool) throws -> Results {
    cmachine_limit_level(level)
    defer { cmachine_limit_level(CMACHINE_AVX512) }
    let plan = try #require(
      cwinograd_create(
        CWinogradShape(
          rows: shape.rows, height: shape.height, width: shape.width, channels: shape.channels,
          filters: shape.filters, kernel: shape.kernel, padding: shape.padding,
          narrow: shape.narrow_input)))
    defer { cwinograd_destroy(plan) }
    func floats(_ bytes: Int) -> FloatBuffer {
      // Memory that was used before.
      FloatBuffer([Float](repeating: .nan, count: bytes / 4))
    }
    func values(_ values: [Float]) -> FloatBuffer {
      FloatBuffer(values, precision: shape.narrow_input != 0 ? .bfloat16 : .float32)
    }
    let (x, g) = (values(input), values(gradient))
    let (output, ofInput) = (values(gradient.map { _ in .nan }), values(input.map { _ in .nan }))
    let (k, b) = (FloatBuffer(kernel), FloatBuffer(bias))
    let (ofKernel, ofBias) = (FloatBuffer(kernel.map { _ in .nan }), FloatBuffer(bias))
    let kernels = floats(cwinograd_kernel_bytes(plan))
    let scratch = floats(cwinograd_scratch_bytes(plan))
    cwinograd_transform_kernel(plan, k.start, 0, kernels.start)
    cwinograd_forward(
      plan, x.raw, kernels.start, b.start, isReLU ? 1 : 0, output.raw, scratch.start)
    let mask = isReLU ? output.raw : nil
    cwinograd_backward_weights(
      plan, x.raw, g.raw, mask, ofKernel.start, ofBias.start, scratch.start)
    cwinograd_transform_kernel(plan, k.start, 1, kernels.start)
    cwinograd_backward_data(plan, g.raw, mask, kernels.start, ofInput.raw, scratch.start)
    return Results(
      output: output.values.map(Double.init), inputGradient: ofInput.values.map(Double.init),
      kernelGradient: ofKernel.values.map(Double.init), biasGradient: ofBias.values.map(Double.init)
    )
  }
}
