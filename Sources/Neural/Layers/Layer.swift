/// One step of a network over a fixed number of rows.
///
/// Forward stands beside backward in each.
///
/// A class bound protocol because a layer owns library handles and weights.
protocol Layer: AnyObject {
  /// What one row of the output is.
  var outputShape: ActivationShape { get }
  /// What the output is made of.
  var outputPrecision: Precision { get }
  /// What training changes.
  var parameters: [Parameter] { get }
  /// The narrowest numbers that it or a layer within it computes in.
  var computingPrecision: Precision { get }
  /// How many products are summed for one row.
  var multiplyAdds: Int { get }
  /// How many bytes it has to itself beside weights, input, output and the gradients of these, in a
  /// training.
  var workBytes: Int { get }
  /// How many bytes it works in that other layers work in as well.
  var sharedBytes: Int { get }
  /// What it is part by part, where it does the work of several layers of a file.
  var parts: [LayerPart] { get }

  /// Computes the output of every row.
  func forward(
    _ input: FloatBuffer, into output: FloatBuffer, pass: Pass
  ) throws(NeuralError)

  /// Computes the gradients of the parameters and, where `inputGradient` is given, of the input.
  /// `outputGradient` may be changed.
  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) throws(NeuralError)
}

/// What one layer of a network's file is.
struct LayerPart {
  let outputShape: ActivationShape
  let parameters: [Parameter]
  let multiplyAdds: Int
}

extension Layer {
  var outputPrecision: Precision { .float32 }
  var computingPrecision: Precision { outputPrecision }
  var workBytes: Int { 0 }
  var sharedBytes: Int { 0 }
  var parts: [LayerPart] {
    [LayerPart(outputShape: outputShape, parameters: parameters, multiplyAdds: multiplyAdds)]
  }
}
