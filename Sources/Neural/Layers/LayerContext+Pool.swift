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
