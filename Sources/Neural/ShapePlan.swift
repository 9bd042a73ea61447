extension LayerSpecification {
  /// What one row of the layer's output is for an input, or `nil` when the input does not fit.
  ///
  /// Nothing is built: this is how the smallest input is found that a network takes.
  func outputShape(for input: ActivationShape) -> ActivationShape? {
    switch (self, input) {
    case (.convolution(let options), .image(let height, let width, _)):
      let (stride, padding) = (options.stride ?? 1, options.padding ?? 0)
      let (down, across) = (height + 2 * padding, width + 2 * padding)
      guard min(down, across) >= options.kernel, stride >= 1 else { return nil }
      return .image(
        height: (down - options.kernel) / stride + 1,
        width: (across - options.kernel) / stride + 1, channels: options.filters)
    case (.maxPool(let options), .image(let height, let width, let channels)),
      (.averagePool(let options), .image(let height, let width, let channels)):
      guard options.window >= 1, min(height, width) >= options.window else { return nil }
      return .image(
        height: height / options.window, width: width / options.window, channels: channels)
    case (.channelRowPool(let options), .image(let height, let width, let channels)):
      guard options.window >= 1, min(height, channels) >= options.window else { return nil }
      return .image(
        height: height / options.window, width: width, channels: channels / options.window)
    case (.reflectionPad(let size), .image(let height, let width, let channels)):
      guard min(height, width) > size else { return nil }
      return .image(height: height + 2 * size, width: width + 2 * size, channels: channels)
    case (
      .spatialTransformer(let localization, let downsample), .image(let height, let width, let c)
    ):
      guard Self.outputShape(of: localization, for: input) == .features(6), downsample >= 1,
        min(height, width) >= 2 * downsample
      else { return nil }
      return .image(height: height / downsample, width: width / downsample, channels: c)
    case (.branches(let branches), _):
      var length = 0
      for branch in branches {
        guard case .features(let count) = Self.outputShape(of: branch, for: input) else {
          return nil
        }
        length += count
      }
      return .features(length)
    case (.residual(let options), _):
      let body = Self.outputShape(of: options.body, for: input)
      return body == Self.outputShape(of: options.shortcut ?? [], for: input) ? body : nil
    case (.flatten, _): return .features(input.count)
    case (.dense(let options), .features): return .features(options.units)
    case (.l2Normalization, .features): return input
    case (.batchNormalization, _), (.dropout, _), (.activation, _), (.prelu, _):
      return input
    default: return nil
    }
  }

  /// What the last of some layers gives, or `nil` when one does not fit.
  static func outputShape(
    of layers: [LayerSpecification], for input: ActivationShape
  ) -> ActivationShape? {
    layers.reduce(input) { shape, layer in shape.flatMap { layer.outputShape(for: $0) } }
  }

  /// The side of the smallest square picture that some layers take; `nil` when none up to 1,024
  /// does.
  public static func smallestSide(of layers: [LayerSpecification], channels: Int) -> Int? {
    (1...1_024).first {
      outputShape(of: layers, for: .image(height: $0, width: $0, channels: channels)) != nil
    }
  }
}
