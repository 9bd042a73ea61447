/// An array of weights that training changes.
///
/// A class because the layer, the optimiser and the checkpoint share it.
public final class Parameter {
  /// Its name in a checkpoint, as "0.kernel".
  public let name: String
  /// The lengths of its axes, the slowest first.
  public let shape: [Int]
  /// The weights, row-major.
  public let values: FloatBuffer
  /// The gradient of the loss, written by a backward pass.
  public let gradient: FloatBuffer
  /// Whether an optimiser moves it; running means are only written by their layer.
  public let isTrainable: Bool
  /// The weight decay its layer asks for: the loss has l2 w^2 more for each of its weights.
  public let l2: Float

  /// Weights that are all 0.
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

  /// How many weights there are.
  public var count: Int { values.count }
}
