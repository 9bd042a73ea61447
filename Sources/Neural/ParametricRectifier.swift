internal import CKernels

/// x where it is more than 0, else a x with one slope a for each channel, which training moves.
///
/// Source: He and others, Delving deep into rectifiers, 2015, section 2.1; the slopes begin at 0.25.
final class ParametricRectifier: Layer {
  let outputShape: ActivationShape
  let outputPrecision: Precision
  let multiplyAdds = 0
  var parameters: [Parameter] { [slopes] }

  private let slopes: Parameter
  private let scratch: ChannelScratch
  private let shape: CChannelShape

  init(initial: Float, context: LayerContext) throws(NeuralError) {
    shape = context.channelShape
    outputShape = context.input
    outputPrecision = context.inputPrecision
    slopes = try context.parameter("slopes", shape: [shape.channels], .constant(value: initial))
    scratch = ChannelScratch(channels: shape.channels)
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    ckernels_prelu(shape, input.element, input.raw, slopes.values.start, output.raw)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    ckernels_prelu_backward(
      shape, input.element, input.raw, slopes.values.start, outputGradient.raw, scratch.sums,
      slopes.gradient.start, inputGradient?.raw)
  }
}
