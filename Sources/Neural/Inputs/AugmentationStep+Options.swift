extension AugmentationStep {
  /// The options of Koch's affine distortion; those left out are the paper's.
  public struct KochAffineOptions: Codable, Equatable, Sendable {
    /// The largest angle in degrees; 10 unless given.
    public var rotation: Double?
    /// The largest shear along each axis, below 1; 0.3 unless given.
    public var shear: Double?
    /// The smallest factor of size along each axis; 0.8 unless given.
    public var scaleFrom: Double?
    /// The largest one; 1.2 unless given.
    public var scaleTo: Double?
    /// The longest shift along each axis in pixels; 2 unless given.
    public var translation: Double?
    /// How likely each of the seven numbers is to be drawn; 0.5 unless given.
    public var probability: Double?
    /// What lies beyond the border; mirrored unless given.
    public var border: Border?

    /// The paper's options.
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

    private static func around(_ most: Double) -> ClosedRange<Double> { -most...most }

    func check(_ demand: (Bool, String) throws(NeuralError) -> Void) throws(NeuralError) {
      try demand((0...180).contains(rotation ?? 10), "rotation must be in 0...180")
      // Two shears of 1 would make a line of the picture.
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
    /// The longest shift along each axis.
    public var pixels: Double
    /// What lies beyond the border; mirrored unless given.
    public var border: Border?

    /// A shift by up to so many pixels.
    public init(pixels: Double) {
      self.pixels = pixels
    }
  }

  /// The options of a rotation.
  public struct RotationOptions: Codable, Equatable, Sendable {
    /// The largest angle to either side.
    public var degrees: Double
    /// What lies beyond the border; mirrored unless given.
    public var border: Border?

    /// A rotation by up to so many degrees.
    public init(degrees: Double) {
      self.degrees = degrees
    }
  }

  /// The options of a zoom.
  public struct ZoomOptions: Codable, Equatable, Sendable {
    /// The smallest factor; below 1 the picture becomes smaller.
    public var from: Double
    /// The largest.
    public var to: Double
    /// What lies beyond the border; mirrored unless given.
    public var border: Border?

    /// A zoom by a factor in a range.
    public init(from: Double, to: Double) {
      self.from = from
      self.to = to
    }
  }

  /// The options of a flip.
  public struct FlipOptions: Codable, Equatable, Sendable {
    /// How likely it is; 0.5 unless given.
    public var probability: Double?

    /// A flip with a probability.
    public init(probability: Double? = nil) {
      self.probability = probability
    }
  }

  /// The options of a change of brightness.
  public struct BrightnessOptions: Codable, Equatable, Sendable {
    /// The largest share by which values grow or shrink; 0 unless given.
    public var factor: Double?
    /// The most that is added or taken away, of 255; 0 unless given.
    public var offset: Double?

    /// A change of brightness.
    public init(factor: Double? = nil, offset: Double? = nil) {
      self.factor = factor
      self.offset = offset
    }
  }
}
