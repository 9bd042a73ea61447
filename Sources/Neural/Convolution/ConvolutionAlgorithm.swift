/// An algorithm that computes a convolution and its gradients; each layer chooses one.
///
/// Bound to classes because an algorithm owns library handles and memory.
protocol ConvolutionAlgorithm: AnyObject {
  /// Number of bytes of working memory that can be shared with other layers.
  var sharedBytes: Int { get }
  /// Number of bytes of memory that are not shared.
  var ownBytes: Int { get }

  /// Computes the convolution with its bias, and ReLU if the algorithm was made with it.
  func forward(
    _ input: FloatBuffer, kernel: Parameter, bias: Parameter?, into output: FloatBuffer
  ) throws(NeuralError)

  /// Computes the gradients of the kernel and the bias and, if `inputGradient` is given, of the
  /// input. `outputGradient` is the gradient before the ReLU.
  func backward(
    input: FloatBuffer, kernel: Parameter, bias: Parameter?, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?
  ) throws(NeuralError)
}
