/// The options of a softmax over cosines with a margin.
public struct MarginSoftmaxOptions: Codable, Equatable, Sendable {
  /// The margin: an angle in radians for ArcFace, default 0.5; a cosine for CosFace, default 0.35.
  public let margin: Float?
  /// The factor that turns cosines into logits; defaults to 64.
  public let scale: Float?
  /// The initial weights of the classes; defaults to normal with mean 0 and standard deviation
  /// 0.05.
  public let kernelInitializer: Initializer?
  /// L2 weight decay on the weights of the classes; defaults to 0.
  public let l2: Float?
  /// The share of the target that is spread evenly over all classes, in 0..<1; defaults to 0.
  public let smoothing: Float?

  /// Creates the options.
  ///
  /// - Parameters:
  ///   - margin: the margin.
  ///   - scale: the factor that turns cosines into logits.
  ///   - kernelInitializer: the initial weights of the classes.
  ///   - l2: L2 weight decay on the weights.
  ///   - smoothing: the share of the target that is spread evenly over all classes.
  public init(
    margin: Float? = nil, scale: Float? = nil, kernelInitializer: Initializer? = nil,
    l2: Float? = nil, smoothing: Float? = nil
  ) {
    self.margin = margin
    self.scale = scale
    self.kernelInitializer = kernelInitializer
    self.l2 = l2
    self.smoothing = smoothing
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case margin, scale, l2, smoothing
    case kernelInitializer = "kernel-initializer"
  }

  func check(_ name: String, margins: Range<Float>) throws(NeuralError) {
    func refuse(_ reason: String) -> NeuralError { .badOption(what: name, reason: reason) }
    guard margins.contains(margin ?? 0) else {
      throw refuse("margin must be in \(margins.lowerBound)..<\(margins.upperBound)")
    }
    guard scale ?? 64 > 0, scale ?? 64 <= 10_000 else {
      throw refuse("scale must be more than 0 and at most 10000")
    }
    guard l2 ?? 0 >= 0, (l2 ?? 0).isFinite else {
      throw refuse("l2 must be 0 or more")
    }
    guard (0..<1).contains(smoothing ?? 0) else { throw refuse("smoothing must be in 0..<1") }
  }
}
