/// An array of weights, with its gradient.
///
/// A class because the layer, the optimiser and the checkpoint share it.
public final class Parameter {
  /// The name in a checkpoint, such as "0.kernel".
  public let name: String
  /// The sizes of the axes, slowest first.
  public let shape: [Int]
  /// The weights, row-major.
  public let values: FloatBuffer
  /// The gradient of the loss, written by a backward pass.
  public let gradient: FloatBuffer
  /// Whether an optimiser updates it; running means are updated by their layer only.
  public let isTrainable: Bool
  /// The weight decay set by the layer: each weight adds l2 w^2 to the loss.
  public let l2: Float

  /// A number that grows when the weights change, so that what was made of them is made again.
  public private(set) var version = 0

  /// Notes that the weights changed.
  public func change() { version += 1 }

  /// Creates weights that are all 0.
  init(
    name: String, shape: [Int], isTrainable: Bool = true, hasGradient: Bool = true, l2: Float = 0
  ) {
    self.name = name
    self.shape = shape
    self.isTrainable = isTrainable
    self.l2 = l2
    values = FloatBuffer(count: shape.reduce(1, *))
    gradient = FloatBuffer(count: hasGradient ? values.count : 0)
  }

  /// Number of weights.
  public var count: Int { values.count }
}
