import MessagePassing
import Neural

/// How a training runs, besides its recipe and its data.
public struct TrainingOptions: Sendable {
  /// The seed of every random choice.
  public var seed = 0
  /// The precision of the tower.
  public var precision = Precision.float32
  /// How the methods of the tower's convolutions are chosen.
  public var convolution = ConvolutionPolicy.direct
  /// Whether a run in the folder is continued; without one, a new run begins.
  public var isResumed = false
  /// Whether the SHA-256 of each shard is checked on first use.
  public var verifies = true
  /// The weights that a new run begins with; `nil` for drawn ones.
  public var initial: InitialWeights?
  /// The processes that train together, of which this is one; `nil` if it trains alone.
  public var group: RankGroup?
  /// Whether batch normalisation takes the mean and variance over the rows of all processes.
  public var synchronizesNormalization = false

  /// The part of each step that this process computes.
  var share: RankShare {
    RankShare(group, synchronizesNormalization: synchronizesNormalization)
  }

  /// Creates the default options.
  public init() {}
}
