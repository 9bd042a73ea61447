/// The sizes of a dense layer and the passes that it computes.
struct DenseSizes {
  let rows: Int
  let inputs: Int
  let outputs: Int
  let passes: ConvolutionPasses
  /// The name of the layer in errors.
  let name: String

  /// A plan of one of the products.
  fileprivate func product(
    _ sizes: (m: Int, n: Int, k: Int), transposeA: Bool = false, transposeB: Bool = false,
    _ precision: Precision
  ) throws(NeuralError) -> MatrixProduct {
    try MatrixProduct(
      sizes, transposeA: transposeA, transposeB: transposeB, precision: precision, layer: name)
  }
}

/// The three products of a dense layer, in one precision.
protocol DenseProducts: AnyObject {
  /// Number of bytes of memory of its own.
  var bytes: Int { get }

  /// out = in W. The other products belong to the last call of this one.
  func output(
    _ input: FloatBuffer, _ kernel: FloatBuffer, isKernelNew: Bool, into output: FloatBuffer
  ) throws(NeuralError)

  /// dW = in^T g.
  func kernelGradient(
    _ input: FloatBuffer, _ gradient: FloatBuffer, into kernelGradient: FloatBuffer
  ) throws(NeuralError)

  /// din = g W^T, with the g of the call of ``kernelGradient(_:_:into:)`` before.
  func inputGradient(
    _ gradient: FloatBuffer, _ kernel: FloatBuffer, into inputGradient: FloatBuffer
  ) throws(NeuralError)
}

/// Products of 32-bit floats.
final class WideDenseProducts: DenseProducts {
  let bytes = 0
  private let sizes: DenseSizes
  private let ofInput: MatrixProduct?

  init(_ sizes: DenseSizes) throws(NeuralError) {
    self.sizes = sizes
    ofInput =
      sizes.passes.contains(.data)
      ? try sizes.product(
        (sizes.rows, sizes.inputs, sizes.outputs), transposeB: true, .float32) : nil
  }

  func output(
    _ input: FloatBuffer, _ kernel: FloatBuffer, isKernelNew: Bool, into output: FloatBuffer
  ) throws(NeuralError) {
    try FloatBuffer.multiply(
      input, kernel, into: output, transposeA: false, transposeB: false,
      sizes: (sizes.rows, sizes.outputs, sizes.inputs), layer: sizes.name)
  }

  func kernelGradient(
    _ input: FloatBuffer, _ gradient: FloatBuffer, into kernelGradient: FloatBuffer
  ) throws(NeuralError) {
    try FloatBuffer.multiply(
      input, gradient, into: kernelGradient, transposeA: true, transposeB: false,
      sizes: (sizes.inputs, sizes.outputs, sizes.rows), layer: sizes.name)
  }

  func inputGradient(
    _ gradient: FloatBuffer, _ kernel: FloatBuffer, into inputGradient: FloatBuffer
  ) throws(NeuralError) {
    guard let ofInput else { preconditionFailure("made without a gradient of the input") }
    try ofInput(gradient, kernel, into: inputGradient)
  }
}

/// Products of factors that are rounded to 16-bit floats, with 32-bit sums.
final class NarrowDenseProducts: DenseProducts {
  var bytes: Int { input.bytes + kernel.bytes + gradient.bytes }
  private let input: FloatBuffer
  private let kernel: FloatBuffer
  private let gradient: FloatBuffer
  private let ofOutput: MatrixProduct
  private let ofKernel: MatrixProduct?
  private let ofInput: MatrixProduct?

  init(_ sizes: DenseSizes) throws(NeuralError) {
    let (rows, inputs, outputs) = (sizes.rows, sizes.inputs, sizes.outputs)
    let isTrained = sizes.passes.contains(.weights)
    input = FloatBuffer(count: rows * inputs, precision: .bfloat16)
    kernel = FloatBuffer(count: inputs * outputs, precision: .bfloat16)
    gradient = FloatBuffer(count: isTrained ? rows * outputs : 0, precision: .bfloat16)
    ofOutput = try sizes.product((rows, outputs, inputs), .bfloat16)
    ofKernel =
      isTrained ? try sizes.product((inputs, outputs, rows), transposeA: true, .bfloat16) : nil
    ofInput =
      sizes.passes.contains(.data)
      ? try sizes.product((rows, inputs, outputs), transposeB: true, .bfloat16) : nil
  }

  func output(
    _ input: FloatBuffer, _ kernel: FloatBuffer, isKernelNew: Bool, into output: FloatBuffer
  ) throws(NeuralError) {
    self.input.copy(input)
    if isKernelNew { self.kernel.copy(kernel) }
    try ofOutput(self.input, self.kernel, into: output)
  }

  func kernelGradient(
    _ input: FloatBuffer, _ gradient: FloatBuffer, into kernelGradient: FloatBuffer
  ) throws(NeuralError) {
    guard let ofKernel else { preconditionFailure("made for inference only") }
    self.gradient.copy(gradient)
    try ofKernel(self.input, self.gradient, into: kernelGradient)
  }

  func inputGradient(
    _ gradient: FloatBuffer, _ kernel: FloatBuffer, into inputGradient: FloatBuffer
  ) throws(NeuralError) {
    guard let ofInput else { preconditionFailure("made without a gradient of the input") }
    try ofInput(self.gradient, self.kernel, into: inputGradient)
  }
}
