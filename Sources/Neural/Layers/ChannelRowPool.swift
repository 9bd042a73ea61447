internal import CKernels

/// The options of a max pool over windows of channels and rows.
public struct ChannelRowPoolOptions: LayerKind {
  package static let name = "channel-row-pool"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  /// The side of the square window; windows do not overlap.
  public var window: Int

  /// Creates the options.
  public init(window: Int) { self.window = window }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case window
  }

  var reads: ReadableFormats { .float32 }

  func outputShape(for input: ActivationShape) -> ActivationShape? {
    guard case .image(let height, let width, let channels) = input, window >= 1,
      min(height, channels) >= window
    else { return nil }
    return .image(height: height / window, width: width, channels: channels / window)
  }

  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String {
    // Columns take the place of channels, so that a window covers channels and rows.
    let turned = graph.add("Transpose", [source], ["perm": .ints([0, 3, 1, 2])])
    let pooled = graph.add(
      "MaxPool", [turned],
      ["kernel_shape": .ints([window, window]), "strides": .ints([window, window])])
    return graph.add("Transpose", [pooled], ["perm": .ints([0, 2, 3, 1])])
  }

  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer {
    try ChannelRowPool(window: window, context: context)
  }
}

extension LayerSpecification {
  /// A max pool over windows of channels and rows.
  public static func channelRowPool(_ options: ChannelRowPoolOptions) -> LayerSpecification {
    .init(options)
  }
}

/// A max pool over windows of channels and rows, separately for each column.
///
/// This is the result of a pooling layer that expects channels last on an image with channels
/// first.
///
/// `[height, width, channel]` to `[height / w, width, channel / w]`. If values are equal, the
/// gradient goes to the first.
final class ChannelRowPool: Layer {
  let outputShape: ActivationShape
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  private let shape: CImageShape
  private let window: Int

  init(window: Int, context: LayerContext) throws(NeuralError) {
    shape = try context.imageShape()
    guard window >= 1 else {
      throw .badOption(
        what: "channel-row-pool \(context.path)", reason: "window must be 1 or more")
    }
    guard shape.height >= window, shape.channels >= window else {
      throw context.misfit(needs: "at least \(window) rows and \(window) channels")
    }
    self.window = window
    outputShape = .image(
      height: shape.height / window, width: shape.width, channels: shape.channels / window)
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    cgeometry_pool_channels(shape, window, input.start, output.start)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    cgeometry_pool_channels_backward(
      shape, window, input.start, outputGradient.start, inputGradient.start)
  }
}
