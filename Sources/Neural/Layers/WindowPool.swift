internal import CKernels

extension LayerContext {
  /// The sizes of pooling with windows that do not overlap, and the shape of one row of its output.
  func pool(window: Int) throws(NeuralError) -> (CPoolShape, ActivationShape) {
    let (height, width, channels) = try image()
    guard window >= 1 else {
      throw .badOption(what: "\(name) \(path)", reason: "window must be 1 or more")
    }
    guard height >= window, width >= window else {
      throw misfit(needs: "at least \(window)x\(window)")
    }
    return (
      CPoolShape(
        rows: rows, height: height, width: width, channels: channels, window: window,
        over_relu: 0),
      .image(height: height / window, width: width / window, channels: channels)
    )
  }
}

/// The options of a layer that pools square windows, which do not overlap.
protocol WindowPoolOptions: LayerKind {
  /// The side of the window.
  var window: Int { get }
}

extension WindowPoolOptions {
  package static var optionNames: [String]? { ["window"] }

  var reads: ReadableFormats { .interleaved }

  func outputShape(for input: ActivationShape) -> ActivationShape? {
    guard case .image(let height, let width, let channels) = input, window >= 1,
      min(height, width) >= window
    else { return nil }
    return .image(height: height / window, width: width / window, channels: channels)
  }
}
