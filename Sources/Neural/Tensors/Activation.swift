internal import CKernels
import Configuration

/// A function applied to each value of a layer's output.
public enum Activation: String, NamedChoice, Sendable {
  /// x.
  case linear
  /// max(x, 0).
  case relu
  /// x if x > 0, else 0.01 x.
  case leakyReLU = "leaky-relu"
  /// tanh(x).
  case tanh
  /// 1.7159 tanh(2x / 3).
  ///
  /// Source: LeCun and others, Efficient BackProp, 1998, section 4.4.
  case scaledTanh = "scaled-tanh"
  /// 1 / (1 + exp(-x)).
  case sigmoid

  private var kind: CActivation {
    switch self {
    case .linear: CACTIVATION_LINEAR
    case .relu: CACTIVATION_RELU
    case .leakyReLU: CACTIVATION_LEAKY_RELU
    case .tanh: CACTIVATION_TANH
    case .scaledTanh: CACTIVATION_SCALED_TANH
    case .sigmoid: CACTIVATION_SIGMOID
    }
  }

  /// Whether the libraries apply the function themselves, so that no separate step is needed.
  var isFused: Bool { self == .linear || self == .relu }

  /// Applies the function in place.
  func apply(_ values: FloatBuffer) {
    if self != .linear { ckernels_activate(values.count, values.element, kind, values.raw) }
  }

  /// Computes the function of the sum of two buffers; all have the same precision and length.
  func apply(toSumOf left: FloatBuffer, _ right: FloatBuffer, into result: FloatBuffer) {
    for buffer in [left, right] {
      precondition(buffer.count == result.count && buffer.precision == result.precision)
    }
    ckernels_add_activated(
      result.count, result.element, kind, left.raw, right.raw, result.raw)
  }

  /// Replaces the gradient of the output by the gradient of the function's input.
  ///
  /// The derivative of each function can be computed from its output.
  func back(output: FloatBuffer, gradient: FloatBuffer) {
    guard self != .linear else { return }
    ckernels_activate_backward(
      gradient.count, gradient.element, kind, output.raw, gradient.raw)
  }
}
