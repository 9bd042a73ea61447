/// A layer whose values are those of its input, as another shape or other numbers.
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
