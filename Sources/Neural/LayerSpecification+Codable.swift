import Configuration

extension LayerSpecification: Codable {
  private struct Rate: Codable { var rate: Float }
  private struct Initial: Codable { var initial: Float? }
  private struct Size: Codable { var size: Int }
  private struct Kind: Codable { var kind: Activation }
  private struct Transformer: Codable {
    var localization: [LayerSpecification]
    var downsample: Int?
  }

  /// Reads a layer.
  ///
  /// - Throws: `DecodingError` that names the nearest layer when there is none of that name, or the
  ///   nearest option.
  public init(from decoder: any Decoder) throws {
    let named = try NamedOptions<Key>("layer", from: decoder)
    switch named.name {
    case .convolution:
      self = .convolution(
        try named.options(
          ConvolutionOptions.self, "filters", "kernel", "stride", "padding", "activation",
          "weights", "biases", "l2", "use-bias"))
    case .maxPool: self = .maxPool(try named.options(PoolOptions.self, "window"))
    case .averagePool: self = .averagePool(try named.options(PoolOptions.self, "window"))
    case .channelRowPool: self = .channelRowPool(try named.options(PoolOptions.self, "window"))
    case .dense:
      self = .dense(
        try named.options(DenseOptions.self, "units", "activation", "weights", "biases", "l2"))
    case .batchNormalization:
      self = .batchNormalization(
        try named.options(BatchNormalizationOptions.self, "momentum", "epsilon"))
    case .dropout: self = .dropout(rate: try named.options(Rate.self, "rate").rate)
    case .activation: self = .activation(try named.options(Kind.self, "kind").kind)
    case .prelu: self = .prelu(initial: try named.options(Initial.self, "initial").initial ?? 0.25)
    case .reflectionPad: self = .reflectionPad(size: try named.options(Size.self, "size").size)
    case .flatten:
      _ = try named.options(NoOptions.self)
      self = .flatten
    case .l2Normalization:
      _ = try named.options(NoOptions.self)
      self = .l2Normalization
    case .residual:
      self = .residual(try named.options(ResidualOptions.self, "body", "shortcut", "activation"))
    case .branches: self = .branches(try named.value([[LayerSpecification]].self))
    case .spatialTransformer:
      let found = try named.options(Transformer.self, "localization", "downsample")
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
    case .prelu(let initial): try container.encode(Initial(initial: initial), forKey: key)
    case .reflectionPad(let size): try container.encode(Size(size: size), forKey: key)
    case .flatten, .l2Normalization: try container.encode(NoOptions(), forKey: key)
    case .residual(let options): try container.encode(options, forKey: key)
    case .branches(let branches): try container.encode(branches, forKey: key)
    case .spatialTransformer(let localization, let downsample):
      try container.encode(
        Transformer(localization: localization, downsample: downsample), forKey: key)
    }
  }
}
