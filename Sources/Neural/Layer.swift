import Randomness

/// The lengths of one sample's activation.
public enum ActivationShape: Equatable, Sendable, CustomStringConvertible {
  /// `[height, width, channel]`.
  case image(height: Int, width: Int, channels: Int)
  /// `[feature]`.
  case features(Int)

  /// How many floats one sample has.
  public var count: Int {
    switch self {
    case .image(let height, let width, let channels): height * width * channels
    case .features(let count): count
    }
  }

  /// As "54x44x6" (height first) or "50".
  public var description: String {
    switch self {
    case .image(let height, let width, let channels): "\(height)x\(width)x\(channels)"
    case .features(let count): "\(count)"
    }
  }
}

/// Whether a pass trains, and where in the run it stands.
public enum Pass: Equatable, Sendable {
  /// No dropout.
  case inference
  /// Dropout drawn from the run's seed at this step.
  case training(seed: Int, step: Int)
}

/// One step of a network over a fixed number of rows.
///
/// Forward stands beside backward in each.
///
/// A class bound protocol because a layer owns library handles and weights.
protocol Layer: AnyObject {
  /// What one row of the output is.
  var outputShape: ActivationShape { get }
  /// What training changes.
  var parameters: [Parameter] { get }
  /// How many products are summed for one row.
  var multiplyAdds: Int { get }

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

/// What is applied to each value of a layer's output.
public enum Activation: String, Codable, Sendable {
  /// The value itself.
  case linear
  /// max(x, 0).
  case relu
}

/// A layer as a recipe describes it.
public enum LayerSpecification: Codable, Equatable, Sendable {
  /// A convolution without padding, stride 1.
  case convolution(filters: Int, kernel: Int, activation: Activation)
  /// Maximum over windows that do not overlap.
  case maxPool(window: Int)
  /// Values dropped at random while training.
  case dropout(rate: Float)
  /// An image as one row of features.
  case flatten
  /// Every output from every input.
  case dense(units: Int, activation: Activation)

  private enum CodingKeys: String, CodingKey {
    case convolution
    case maxPool = "max-pool"
    case dropout
    case flatten
    case dense
  }

  /// The name in a recipe.
  public var name: String {
    switch self {
    case .convolution: "convolution"
    case .maxPool: "max-pool"
    case .dropout: "dropout"
    case .flatten: "flatten"
    case .dense: "dense"
    }
  }
}

/// What a layer is built from.
struct LayerContext {
  let index: Int
  let name: String
  let input: ActivationShape
  let rows: Int

  func misfit(needs: String) -> NeuralError {
    .doesNotFit(layer: name, index: index, input: input.description, needs: needs)
  }

  func image() throws(NeuralError) -> (height: Int, width: Int, channels: Int) {
    guard case .image(let height, let width, let channels) = input else {
      throw misfit(needs: "an image, so it belongs before flatten")
    }
    return (height, width, channels)
  }
}
