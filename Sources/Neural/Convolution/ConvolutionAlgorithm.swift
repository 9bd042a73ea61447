/// A way to compute a convolution and its gradients; which one a layer takes is its own affair.
///
/// A class bound protocol because an algorithm owns library handles and memory.
protocol ConvolutionAlgorithm: AnyObject {
  /// How many bytes it works in, which all layers may share.
  var sharedBytes: Int { get }
  /// How many bytes it has to itself.
  var ownBytes: Int { get }

  /// Computes the convolution with its bias, and ReLU where it was made with it.
  func forward(
    _ input: FloatBuffer, kernel: Parameter, bias: Parameter?, into output: FloatBuffer
  ) throws(NeuralError)

  /// Computes the gradients of kernel and bias and, where `inputGradient` is given, of the input.
  /// `outputGradient` is that before a ReLU.
  func backward(
    input: FloatBuffer, kernel: Parameter, bias: Parameter?, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?
  ) throws(NeuralError)
}
