/// A layer that copies its input to another shape or another precision.
protocol CopyingLayer: Layer {}

extension CopyingLayer {
  var parameters: [Parameter] { [] }
  var multiplyAdds: Int { 0 }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    output.copy(input)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    inputGradient?.copy(outputGradient)
  }
}
