import Configuration

/// One way in which samples are changed at random while training, as a recipe describes it: one key,
/// which names it, over its options.
///
/// Geometric steps turn the picture about its middle; those of one sample are multiplied into one
/// affine map and the picture is resampled once.
public enum AugmentationStep: Equatable, Sendable {
  /// The affine distortion of Koch's paper: each of its seven numbers is drawn with a probability
  /// and left out otherwise; scaled, then sheared, then turned, then shifted.
  ///
  /// Source: Koch, Zemel and Salakhutdinov, Siamese neural networks for one-shot image recognition,
  /// 2015, section 3.3.
  case kochAffine(KochAffineOptions)
  /// Shifted along each axis by up to so many pixels.
  case shift(ShiftOptions)
  /// Turned to either side by up to so many degrees.
  case rotation(RotationOptions)
  /// Larger by a factor in a range.
  case zoom(ZoomOptions)
  /// Left and right change places with a probability.
  case flip(FlipOptions)
  /// x (1 + u factor) + v offset with u and v in -1...1, for the whole picture; not clipped.
  case brightness(BrightnessOptions)

  /// What lies beyond the border of a picture.
  public enum Border: String, NamedChoice, Sendable {
    /// The picture, mirrored about its outermost pixels.
    case reflect
    /// The nearest pixel.
    case replicate
  }

  /// The name in a recipe.
  public var name: String { key.rawValue }

  /// What it wants beyond the border, when it says so.
  var border: Border? {
    switch self {
    case .kochAffine(let options): options.border
    case .shift(let options): options.border
    case .rotation(let options): options.border
    case .zoom(let options): options.border
    case .flip, .brightness: nil
    }
  }

  /// Refuses options without meaning.
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
    }
  }

  private enum Key: String, CaseIterable {
    case kochAffine = "koch-affine"
    case shift
    case rotation
    case zoom
    case flip
    case brightness
  }

  private var key: Key {
    switch self {
    case .kochAffine: .kochAffine
    case .shift: .shift
    case .rotation: .rotation
    case .zoom: .zoom
    case .flip: .flip
    case .brightness: .brightness
    }
  }
}

extension AugmentationStep: Codable {
  /// Reads a step.
  ///
  /// - Throws: `DecodingError` that names the nearest one, or the nearest option.
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
    }
  }

  /// Writes the step as it is read.
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
    }
  }
}
