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

  init(name: String, shape: [Int], values: [Float]) {
    self.name = name
    self.shape = shape
    self.values = FloatBuffer(values)
    gradient = FloatBuffer(count: values.count)
  }

  /// How many weights there are.
  public var count: Int { values.count }
}
