import Configuration

/// One random change of training samples, as described in a recipe: one key, the name of the step,
/// with its options as the value.
///
/// Geometric steps are relative to the centre of the image. Those of one sample are combined into
/// one affine map, and the image is resampled once.
public enum AugmentationStep: Equatable, Sendable {
  /// The affine distortion of Koch's paper: scale, then shear, then rotate, then shift. Each of its
  /// seven numbers is drawn with a given probability and left out otherwise.
  ///
  /// Source: Koch, Zemel and Salakhutdinov, Siamese neural networks for one-shot image recognition,
  /// 2015, section 3.3.
  case kochAffine(KochAffineOptions)
  /// Shifts along each axis by at most a number of pixels.
  case shift(ShiftOptions)
  /// Rotates in either direction by at most a number of degrees.
  case rotation(RotationOptions)
  /// Scales by a factor in a range.
  case zoom(ZoomOptions)
  /// Flips left and right with a given probability.
  case flip(FlipOptions)
  /// x (1 + u factor) + v offset, with u and v in -1...1 drawn once per image; not clipped.
  case brightness(BrightnessOptions)
  /// Fills a rectangle at a random place with one value, with a given probability.
  ///
  /// Source: Zhong and others, Random Erasing Data Augmentation, 2020.
  case erasing(ErasingOptions)

  /// The values outside the border of an image.
  public enum Border: String, NamedChoice, Sendable {
    /// The image mirrored about its outermost pixels.
    case reflect
    /// The nearest pixel.
    case replicate
  }

  /// The name in a recipe.
  public var name: String { key.rawValue }

  /// The requested border, if the options contain one.
  var border: Border? {
    switch self {
    case .kochAffine(let options): options.border
    case .shift(let options): options.border
    case .rotation(let options): options.border
    case .zoom(let options): options.border
    case .flip, .brightness, .erasing: nil
    }
  }

  /// Throws if an option is invalid.
  func check() throws(NeuralError) {
    func demand(_ isMet: Bool, _ reason: String) throws(NeuralError) {
      guard isMet else { throw .badOption(what: "augmentation \(name)", reason: reason) }
    }
    switch self {
    case .kochAffine(let options): try options.check(demand)
    case .shift(let options):
      try demand((0...1e4).contains(options.pixels), "pixels must be in 0...10000")
    case .rotation(let options):
      try demand((0...180).contains(options.degrees), "degrees must be in 0...180")
    case .zoom(let options):
      try demand(
        options.from >= 0.01 && options.from <= options.to && options.to <= 100,
        "from must be 0.01 or more and at most to, and to at most 100")
    case .flip(let options):
      try demand(
        (0...1).contains(options.probability ?? 0.5), "probability must be in 0...1")
    case .brightness(let options):
      let (factor, offset) = (options.factor ?? 0, options.offset ?? 0)
      try demand(
        factor >= 0 && factor.isFinite && offset >= 0 && offset.isFinite,
        "factor and offset must be 0 or more")
    case .erasing(let options): try options.check(demand)
    }
  }

  private enum Key: String, CaseIterable {
    case kochAffine = "koch-affine"
    case shift
    case rotation
    case zoom
    case flip
    case brightness
    case erasing
  }

  private var key: Key {
    switch self {
    case .kochAffine: .kochAffine
    case .shift: .shift
    case .rotation: .rotation
    case .zoom: .zoom
    case .flip: .flip
    case .brightness: .brightness
    case .erasing: .erasing
    }
  }
}

extension AugmentationStep: Codable {
  /// Decodes a step.
  ///
  /// - Throws: `DecodingError` for an unknown name or option; it suggests the most similar one.
  public init(from decoder: any Decoder) throws {
    let (name, given) = try NamedOptions.read("augmentation", Key.self, from: decoder)
    switch name {
    case .kochAffine:
      self = .kochAffine(
        try given.options(
          KochAffineOptions.self, "rotation", "shear", "scale-from", "scale-to", "translation",
          "probability", "border"))
    case .shift: self = .shift(try given.options(ShiftOptions.self, "pixels", "border"))
    case .rotation:
      self = .rotation(try given.options(RotationOptions.self, "degrees", "border"))
    case .zoom: self = .zoom(try given.options(ZoomOptions.self, "from", "to", "border"))
    case .flip: self = .flip(try given.options(FlipOptions.self, "probability"))
    case .brightness:
      self = .brightness(try given.options(BrightnessOptions.self, "factor", "offset"))
    case .erasing:
      self = .erasing(
        try given.options(
          ErasingOptions.self, "probability", "area-from", "area-to", "aspect", "value"))
    }
  }

  /// Encodes the step in the format that `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AnyCodingKey.self)
    let key = AnyCodingKey(stringValue: name)
    switch self {
    case .kochAffine(let options): try container.encode(options, forKey: key)
    case .shift(let options): try container.encode(options, forKey: key)
    case .rotation(let options): try container.encode(options, forKey: key)
    case .zoom(let options): try container.encode(options, forKey: key)
    case .flip(let options): try container.encode(options, forKey: key)
    case .brightness(let options): try container.encode(options, forKey: key)
    case .erasing(let options): try container.encode(options, forKey: key)
    }
  }
}
