/// A layer as a network's file describes it: one key, which names it, over its options.
public enum LayerSpecification: Equatable, Sendable {
  /// A two-dimensional convolution.
  case convolution(ConvolutionOptions)
  /// The largest value of each window.
  case maxPool(PoolOptions)
  /// The mean of each window.
  case averagePool(PoolOptions)
  /// The largest over pairs of channels and rows, as a framework with its axes mixed up pools.
  case channelRowPool(PoolOptions)
  /// Every output from every input.
  case dense(DenseOptions)
  /// Each channel brought to mean 0 and variance 1, then scaled and shifted.
  case batchNormalization(BatchNormalizationOptions)
  /// Values dropped at random while training.
  case dropout(rate: Float)
  /// A function of each value.
  case activation(Activation)
  /// A rectifier whose slope below 0 training moves, one for each channel.
  case prelu(initial: Float)
  /// A frame of mirrored pixels.
  case reflectionPad(size: Int)
  /// An image as one row of features.
  case flatten
  /// Each row brought to length 1.
  case l2Normalization
  /// What some layers give, added to their input.
  case residual(ResidualOptions)
  /// Several branches from one input, their features side by side.
  case branches([[LayerSpecification]])
  /// The picture turned, scaled and shifted as a network of its own finds best.
  case spatialTransformer([LayerSpecification], downsample: Int)

  /// The options of a convolution.
  public struct ConvolutionOptions: Codable, Equatable, Sendable {
    /// How many filters.
    public var filters: Int
    /// The side of the square kernel.
    public var kernel: Int
    /// How far the kernel moves; 1 unless said.
    public var stride: Int?
    /// How many zeros stand around the input; 0 unless said.
    public var padding: Int?
    /// What follows; linear unless said.
    public var activation: Activation?
    /// How the kernel begins; Glorot uniform unless said.
    public var weights: Initializer?
    /// How the bias begins; 0 unless said.
    public var biases: Initializer?
    /// L2 weight decay on the kernel; 0 unless said.
    public var l2: Float?
    /// Whether a bias is added; it is unless said.
    public var useBias: Bool?

    private enum CodingKeys: String, CodingKey {
      case filters, kernel, stride, padding, activation, weights, biases, l2
      case useBias = "use-bias"
    }

    /// A convolution.
    public init(filters: Int, kernel: Int, activation: Activation? = nil) {
      self.filters = filters
      self.kernel = kernel
      self.activation = activation
    }
  }

  /// The options of a pooling layer; windows do not overlap.
  public struct PoolOptions: Codable, Equatable, Sendable {
    /// The side of the square window.
    public var window: Int

    /// A window.
    public init(window: Int) {
      self.window = window
    }
  }

  /// The options of a dense layer.
  public struct DenseOptions: Codable, Equatable, Sendable {
    /// How many outputs.
    public var units: Int
    /// What follows; linear unless said.
    public var activation: Activation?
    /// How the weights begin; Glorot uniform unless said.
    public var weights: Initializer?
    /// How the bias begins; 0 unless said.
    public var biases: Initializer?
    /// L2 weight decay on the weights; 0 unless said.
    public var l2: Float?

    /// A dense layer.
    public init(units: Int, activation: Activation? = nil) {
      self.units = units
      self.activation = activation
    }
  }

  /// The options of batch normalisation.
  public struct BatchNormalizationOptions: Codable, Equatable, Sendable {
    /// How much of the running mean and variance stays at each step; 0.99 unless said.
    public var momentum: Float?
    /// What is added to the variance; 0.001 unless said.
    public var epsilon: Float?

    /// The usual options.
    public init() {}
  }

  /// The options of a residual block.
  public struct ResidualOptions: Codable, Equatable, Sendable {
    /// The layers whose output is added.
    public var body: [LayerSpecification]
    /// What the input goes through before; nothing unless said.
    public var shortcut: [LayerSpecification]?
    /// What follows the sum; linear unless said.
    public var activation: Activation?

    /// A block.
    public init(body: [LayerSpecification], activation: Activation? = nil) {
      self.body = body
      self.activation = activation
    }
  }

  /// The name in a network's file.
  public var name: String { key.rawValue }

  enum Key: String, CodingKey, CaseIterable {
    case convolution
    case maxPool = "max-pool"
    case averagePool = "average-pool"
    case channelRowPool = "channel-row-pool"
    case dense
    case batchNormalization = "batch-normalization"
    case dropout
    case activation
    case prelu
    case reflectionPad = "reflection-pad"
    case flatten
    case l2Normalization = "l2-normalization"
    case residual
    case branches
    case spatialTransformer = "spatial-transformer"
  }

  var key: Key {
    switch self {
    case .convolution: .convolution
    case .maxPool: .maxPool
    case .averagePool: .averagePool
    case .channelRowPool: .channelRowPool
    case .dense: .dense
    case .batchNormalization: .batchNormalization
    case .dropout: .dropout
    case .activation: .activation
    case .prelu: .prelu
    case .reflectionPad: .reflectionPad
    case .flatten: .flatten
    case .l2Normalization: .l2Normalization
    case .residual: .residual
    case .branches: .branches
    case .spatialTransformer: .spatialTransformer
    }
  }
}
