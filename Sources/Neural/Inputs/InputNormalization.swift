import Configuration

/// The conversion of the bytes of a sample into the range that a network expects, as described in a
/// recipe: one key, the name of the normalisation, with its options as the value.
public enum InputNormalization: Equatable, Sendable {
  /// x / 255: 0...1.
  case unit
  /// x: 0...255.
  case raw
  /// 2 (x - min) / (max - min) - 1 with the extremes of each image; a constant image becomes 0.
  ///
  /// Source: the package siamese_net, "-1:1", in 32-bit floats throughout.
  case symmetric
  /// x / 127.5 - 1: -1...1, independent of the image.
  case fixedSymmetric
  /// (x - mean) / deviation with the moments of each channel over the training images.
  case standardize
  /// Local contrast normalisation: (x - mean) / deviation with one mean and one deviation for all
  /// training images, then minus the Gaussian-weighted mean around each pixel, then, if `divides`,
  /// divided by the deviation around the pixel + 0.1.
  ///
  /// Source: the package siamese_net, "LCN" and "LCN-".
  case localContrast(LocalContrastOptions, divides: Bool)
  /// Whitening: (x - mean) / (deviation + 1e-8) of each feature, then the inverse square root of
  /// the covariance over the training images + 0.1 on its diagonal.
  ///
  /// Source: the package siamese_net, "ZCA"; Bell and Sejnowski, The "independent components" of
  /// natural scenes are edge filters, 1997.
  case zca

  /// The options of local contrast normalisation.
  public struct LocalContrastOptions: Codable, Equatable, Sendable {
    /// Whether the window has the taps of the source, which are off centre by half a pixel if their
    /// number is even; defaults to `false`.
    public var faithful: Bool?

    /// Creates the default options.
    public init(faithful: Bool? = nil) {
      self.faithful = faithful
    }
  }

  /// The name in a recipe.
  public var name: String { key.rawValue }

  /// Number of passes over the training images.
  var passes: Int {
    switch self {
    case .unit, .raw, .symmetric, .fixedSymmetric: 0
    case .standardize, .localContrast: 1
    case .zca: 2
    }
  }

  /// The maximum number of features for a covariance matrix.
  ///
  /// The matrix of 64-bit floats then takes 134 MB, and its root takes half a minute to compute.
  static let maxFeatures = 4_096

  /// Throws if inputs of this shape cannot be normalised this way.
  func check(_ input: ActivationShape) throws(NeuralError) {
    guard case .zca = self, input.count > Self.maxFeatures else { return }
    throw .badOption(
      what: "normalization",
      reason: "zca takes at most \(Self.maxFeatures) features and \(input) has \(input.count), so "
        + "ingest smaller samples or gray ones")
  }

  private enum Key: String, CaseIterable {
    case unit
    case raw
    case symmetric
    case fixedSymmetric = "fixed-symmetric"
    case standardize
    case localContrast = "lcn"
    case localMean = "lcn-subtract"
    case zca
  }

  private var key: Key {
    switch self {
    case .unit: .unit
    case .raw: .raw
    case .symmetric: .symmetric
    case .fixedSymmetric: .fixedSymmetric
    case .standardize: .standardize
    case .localContrast(_, let divides): divides ? .localContrast : .localMean
    case .zca: .zca
    }
  }
}

extension InputNormalization: Codable {
  /// Decodes a normalisation.
  ///
  /// - Throws: `DecodingError` for an unknown name or option; it suggests the most similar one.
  public init(from decoder: any Decoder) throws {
    let (name, given) = try NamedOptions.read("normalization", Key.self, from: decoder)
    switch name {
    case .localContrast, .localMean:
      self = .localContrast(
        try given.options(LocalContrastOptions.self, "faithful"),
        divides: name == .localContrast)
      return
    case .unit: self = .unit
    case .raw: self = .raw
    case .symmetric: self = .symmetric
    case .fixedSymmetric: self = .fixedSymmetric
    case .standardize: self = .standardize
    case .zca: self = .zca
    }
    _ = try given.options(NoOptions.self)
  }

  /// Encodes the normalisation in the format that `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AnyCodingKey.self)
    let key = AnyCodingKey(stringValue: name)
    if case .localContrast(let options, _) = self {
      try container.encode(options, forKey: key)
    } else {
      try container.encode(NoOptions(), forKey: key)
    }
  }
}
