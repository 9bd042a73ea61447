extension AugmentationStep {
  /// The options of Koch's affine distortion.
  ///
  /// The defaults are those of the paper.
  public struct KochAffineOptions: Codable, Equatable, Sendable {
    /// The maximum angle in degrees; defaults to 10.
    public var rotation: Double?
    /// The maximum shear along each axis, below 1; defaults to 0.3.
    public var shear: Double?
    /// The minimum scale factor along each axis; defaults to 0.8.
    public var scaleFrom: Double?
    /// The maximum scale factor along each axis; defaults to 1.2.
    public var scaleTo: Double?
    /// The maximum shift along each axis in pixels; defaults to 2.
    public var translation: Double?
    /// The probability that each of the seven numbers is drawn; defaults to 0.5.
    public var probability: Double?
    /// The values outside the image; defaults to mirrored.
    public var border: Border?

    /// Creates the options of the paper.
    public init() {}

    private enum CodingKeys: String, CodingKey {
      case rotation
      case shear
      case scaleFrom = "scale-from"
      case scaleTo = "scale-to"
      case translation
      case probability
      case border
    }

    var angles: ClosedRange<Double> { Self.around(rotation ?? 10) }
    var shears: ClosedRange<Double> { Self.around(shear ?? 0.3) }
    var scales: ClosedRange<Double> { (scaleFrom ?? 0.8)...(scaleTo ?? 1.2) }
    var translations: ClosedRange<Double> { Self.around(translation ?? 2) }
    var chance: Double { probability ?? 0.5 }

    private static func around(_ limit: Double) -> ClosedRange<Double> { -limit...limit }

    func check(_ demand: (Bool, String) throws(NeuralError) -> Void) throws(NeuralError) {
      try demand((0...180).contains(rotation ?? 10), "rotation must be in 0...180")
      // Two shears of 1 would map the image to a line.
      try demand((0..<1).contains(shear ?? 0.3), "shear must be in 0..<1")
      let (from, to) = (scaleFrom ?? 0.8, scaleTo ?? 1.2)
      try demand(
        from >= 0.01 && from <= to && to <= 100,
        "scale-from must be 0.01 or more and at most scale-to, and scale-to at most 100")
      let translation = translation ?? 2
      try demand((0...1e4).contains(translation), "translation must be in 0...10000")
      try demand((0...1).contains(chance), "probability must be in 0...1")
    }
  }

  /// The options of a shift.
  public struct ShiftOptions: Codable, Equatable, Sendable {
    /// The maximum shift along each axis.
    public var pixels: Double
    /// The values outside the image; defaults to mirrored.
    public var border: Border?

    /// Creates a shift by at most `pixels` pixels.
    public init(pixels: Double) {
      self.pixels = pixels
    }
  }

  /// The options of a rotation.
  public struct RotationOptions: Codable, Equatable, Sendable {
    /// The maximum angle in either direction.
    public var degrees: Double
    /// The values outside the image; defaults to mirrored.
    public var border: Border?

    /// Creates a rotation by at most `degrees` degrees.
    public init(degrees: Double) {
      self.degrees = degrees
    }
  }

  /// The options of a zoom.
  public struct ZoomOptions: Codable, Equatable, Sendable {
    /// The minimum factor; a factor below 1 makes the image smaller.
    public var from: Double
    /// The maximum factor.
    public var to: Double
    /// The values outside the image; defaults to mirrored.
    public var border: Border?

    /// Creates a zoom by a factor in a range.
    public init(from: Double, to: Double) {
      self.from = from
      self.to = to
    }
  }

  /// The options of a flip.
  public struct FlipOptions: Codable, Equatable, Sendable {
    /// The probability of a flip; defaults to 0.5.
    public var probability: Double?

    /// Creates a flip with a probability.
    public init(probability: Double? = nil) {
      self.probability = probability
    }
  }

  /// The options of a change of brightness.
  public struct BrightnessOptions: Codable, Equatable, Sendable {
    /// The maximum relative change of the values; defaults to 0.
    public var factor: Double?
    /// The maximum value added or subtracted, on the scale 0...255; defaults to 0.
    public var offset: Double?

    /// Creates a change of brightness.
    public init(factor: Double? = nil, offset: Double? = nil) {
      self.factor = factor
      self.offset = offset
    }
  }
}
