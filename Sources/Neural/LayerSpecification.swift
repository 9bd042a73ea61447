/// A layer as a network's file describes it: one key, which names it, over its options.
public enum LayerSpecification: Equatable, Sendable {
  /// A two-dimensional convolution.
  case convolution(ConvolutionOptions)
  /// The largest value of each window.
  case maxPool(PoolOptions)
  /// The mean of each window.
  case averagePool(PoolOptions)
  /// The largest over pairs of channels and rows, as a framework with its axes mixed up pools.
  case channelRowPool(PoolOptions)
  /// Every output from every input.
  case dense(DenseOptions)
  /// Each channel brought to mean 0 and variance 1, then scaled and shifted.
  case batchNormalization(BatchNormalizationOptions)
  /// Values dropped at random while training.
  case dropout(rate: Float)
  /// A function of each value.
  case activation(Activation)
  /// A frame of mirrored pixels.
  case reflectionPad(size: Int)
  /// An image as one row of features.
  case flatten
  /// Each row brought to length 1.
  case l2Normalization
  /// Several branches from one input, their features side by side.
  case branches([[LayerSpecification]])
  /// The picture turned, scaled and shifted as a network of its own finds best.
  case spatialTransformer([LayerSpecification], downsample: Int)

  /// The options of a convolution.
  public struct ConvolutionOptions: Codable, Equatable, Sendable {
    /// How many filters.
    public var filters: Int
    /// The side of the square kernel.
    public var kernel: Int
    /// How far the kernel moves; 1 unless said.
    public var stride: Int?
    /// How many zeros stand around the input; 0 unless said.
    public var padding: Int?
    /// What follows; linear unless said.
    public var activation: Activation?
    /// How the kernel begins; Glorot uniform unless said.
    public var weights: Initializer?
    /// How the bias begins; 0 unless said.
    public var biases: Initializer?
    /// L2 weight decay on the kernel; 0 unless said.
    public var l2: Float?

    /// A convolution.
    public init(filters: Int, kernel: Int, activation: Activation? = nil) {
      self.filters = filters
      self.kernel = kernel
      self.activation = activation
    }
  }

  /// The options of a pooling layer; windows do not overlap.
  public struct PoolOptions: Codable, Equatable, Sendable {
    /// The side of the square window.
    public var window: Int

    /// A window.
    public init(window: Int) {
      self.window = window
    }
  }

  /// The options of a dense layer.
  public struct DenseOptions: Codable, Equatable, Sendable {
    /// How many outputs.
    public var units: Int
    /// What follows; linear unless said.
    public var activation: Activation?
    /// How the weights begin; Glorot uniform unless said.
    public var weights: Initializer?
    /// How the bias begins; 0 unless said.
    public var biases: Initializer?
    /// L2 weight decay on the weights; 0 unless said.
    public var l2: Float?

    /// A dense layer.
    public init(units: Int, activation: Activation? = nil) {
      self.units = units
      self.activation = activation
    }
  }

  /// The options of batch normalisation.
  public struct BatchNormalizationOptions: Codable, Equatable, Sendable {
    /// How much of the running mean and variance stays at each step; 0.99 unless said.
    public var momentum: Float?
    /// What is added to the variance; 0.001 unless said.
    public var epsilon: Float?

    /// The usual options.
    public init() {}
  }

  /// The name in a network's file.
  public var name: String { key.rawValue }

  private enum Key: String, CodingKey, CaseIterable {
    case convolution
    case maxPool = "max-pool"
    case averagePool = "average-pool"
    case channelRowPool = "channel-row-pool"
    case dense
    case batchNormalization = "batch-normalization"
    case dropout
    case activation
    case reflectionPad = "reflection-pad"
    case flatten
    case l2Normalization = "l2-normalization"
    case branches
    case spatialTransformer = "spatial-transformer"
  }

  private var key: Key {
    switch self {
    case .convolution: .convolution
    case .maxPool: .maxPool
    case .averagePool: .averagePool
    case .channelRowPool: .channelRowPool
    case .dense: .dense
    case .batchNormalization: .batchNormalization
    case .dropout: .dropout
    case .activation: .activation
    case .reflectionPad: .reflectionPad
    case .flatten: .flatten
    case .l2Normalization: .l2Normalization
    case .branches: .branches
    case .spatialTransformer: .spatialTransformer
    }
  }
}

extension LayerSpecification: Codable {
  private struct Rate: Codable { var rate: Float }
  private struct Size: Codable { var size: Int }
  private struct Kind: Codable { var kind: Activation }
  private struct Nothing: Codable {}
  private struct Transformer: Codable {
    var localization: [LayerSpecification]
    var downsample: Int?
  }

  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
  }

  /// Reads a layer.
  ///
  /// - Throws: `DecodingError` that names the nearest layer when there is none of that name, or the
  ///   nearest option.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
    guard keys.count == 1, let name = keys.first else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "a layer is one name over its options, not \(keys.count)"))
    }
    guard let key = Key(rawValue: name) else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "there is no layer \(name)"
            + NearestName.hint(name, among: Key.allCases.map(\.rawValue))))
    }
    let container = try decoder.container(keyedBy: Key.self)
    func options<Options: Codable>(_ type: Options.Type, _ names: String...) throws -> Options {
      let given = try container.nestedContainer(keyedBy: AnyKey.self, forKey: key)
      for option in given.allKeys where !names.contains(option.stringValue) {
        throw DecodingError.dataCorrupted(
          .init(
            codingPath: given.codingPath,
            debugDescription: "\(name) has no option \(option.stringValue)"
              + NearestName.hint(option.stringValue, among: names)))
      }
      return try container.decode(type, forKey: key)
    }
    switch key {
    case .convolution:
      self = .convolution(
        try options(
          ConvolutionOptions.self, "filters", "kernel", "stride", "padding", "activation",
          "weights", "biases", "l2"))
    case .maxPool: self = .maxPool(try options(PoolOptions.self, "window"))
    case .averagePool: self = .averagePool(try options(PoolOptions.self, "window"))
    case .channelRowPool: self = .channelRowPool(try options(PoolOptions.self, "window"))
    case .dense:
      self = .dense(
        try options(DenseOptions.self, "units", "activation", "weights", "biases", "l2"))
    case .batchNormalization:
      self = .batchNormalization(
        try options(BatchNormalizationOptions.self, "momentum", "epsilon"))
    case .dropout: self = .dropout(rate: try options(Rate.self, "rate").rate)
    case .activation: self = .activation(try options(Kind.self, "kind").kind)
    case .reflectionPad: self = .reflectionPad(size: try options(Size.self, "size").size)
    case .flatten:
      _ = try options(Nothing.self)
      self = .flatten
    case .l2Normalization:
      _ = try options(Nothing.self)
      self = .l2Normalization
    case .branches: self = .branches(try container.decode([[LayerSpecification]].self, forKey: key))
    case .spatialTransformer:
      let found = try options(Transformer.self, "localization", "downsample")
      self = .spatialTransformer(found.localization, downsample: found.downsample ?? 1)
    }
  }

  /// Writes the layer as it is read.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .convolution(let options): try container.encode(options, forKey: key)
    case .maxPool(let options), .averagePool(let options), .channelRowPool(let options):
      try container.encode(options, forKey: key)
    case .dense(let options): try container.encode(options, forKey: key)
    case .batchNormalization(let options): try container.encode(options, forKey: key)
    case .dropout(let rate): try container.encode(Rate(rate: rate), forKey: key)
    case .activation(let kind): try container.encode(Kind(kind: kind), forKey: key)
    case .reflectionPad(let size): try container.encode(Size(size: size), forKey: key)
    case .flatten, .l2Normalization: try container.encode(Nothing(), forKey: key)
    case .branches(let branches): try container.encode(branches, forKey: key)
    case .spatialTransformer(let localization, let downsample):
      try container.encode(
        Transformer(localization: localization, downsample: downsample), forKey: key)
    }
  }
}

/// The known name that is most like a mistyped one.
enum NearestName {
  /// "; did you mean X?", or which names there are when none is near.
  static func hint(_ name: String, among known: [String]) -> String {
    let nearest = known.min { distance(name, $0) < distance(name, $1) }
    guard let nearest, distance(name, nearest) <= max(2, name.count / 3) else {
      return known.isEmpty ? "" : "; there is \(known.joined(separator: ", "))"
    }
    return "; did you mean \(nearest)?"
  }

  /// How many letters have to be changed, added or left out (Levenshtein).
  static func distance(_ one: String, _ other: String) -> Int {
    let other = Array(other)
    var row = Array(0...other.count)
    for (i, letter) in one.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for j in other.indices {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (letter == other[j] ? 0 : 1))
        diagonal = above
      }
    }
    return row[other.count]
  }
}
