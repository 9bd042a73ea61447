import Foundation

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

  /// The options of an erased rectangle.
  ///
  /// The defaults are those of the paper, except the value, which is random there.
  public struct ErasingOptions: Codable, Equatable, Sendable {
    /// The probability of an erasure; defaults to 0.5.
    public var probability: Double?
    /// The minimum area as a fraction of the image; defaults to 0.02.
    public var areaFrom: Double?
    /// The maximum area as a fraction of the image; defaults to 0.4.
    public var areaTo: Double?
    /// The maximum ratio of the sides, and the inverse of the minimum; defaults to 10 / 3.
    public var aspect: Double?
    /// The value of the rectangle, on the scale 0...255; defaults to 127.5.
    public var value: Double?

    /// Creates the default options.
    public init() {}

    private enum CodingKeys: String, CodingKey {
      case probability, aspect, value
      case areaFrom = "area-from"
      case areaTo = "area-to"
    }

    var chance: Double { probability ?? 0.5 }
    var areas: ClosedRange<Double> { (areaFrom ?? 0.02)...(areaTo ?? 0.4) }
    /// The logarithm of the ratio of the sides.
    var aspects: ClosedRange<Double> {
      let limit = log(aspect ?? 10.0 / 3)
      return -limit...limit
    }

    func check(_ demand: (Bool, String) throws(NeuralError) -> Void) throws(NeuralError) {
      try demand((0...1).contains(chance), "probability must be in 0...1")
      let (from, to) = (areaFrom ?? 0.02, areaTo ?? 0.4)
      try demand(
        from >= 0 && from <= to && to <= 1,
        "area-from must be 0 or more and at most area-to, and area-to at most 1")
      try demand((1...100).contains(aspect ?? 10.0 / 3), "aspect must be in 1...100")
      try demand((0...255).contains(value ?? 127.5), "value must be in 0...255")
    }
  }
}
