extension LayerSpecification: Codable {
  private struct Rate: Codable { var rate: Float }
  private struct Initial: Codable { var initial: Float? }
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
          "weights", "biases", "l2", "use-bias"))
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
    case .prelu: self = .prelu(initial: try options(Initial.self, "initial").initial ?? 0.25)
    case .reflectionPad: self = .reflectionPad(size: try options(Size.self, "size").size)
    case .flatten:
      _ = try options(Nothing.self)
      self = .flatten
    case .l2Normalization:
      _ = try options(Nothing.self)
      self = .l2Normalization
    case .residual:
      self = .residual(try options(ResidualOptions.self, "body", "shortcut", "activation"))
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
    case .prelu(let initial): try container.encode(Initial(initial: initial), forKey: key)
    case .reflectionPad(let size): try container.encode(Size(size: size), forKey: key)
    case .flatten, .l2Normalization: try container.encode(Nothing(), forKey: key)
    case .residual(let options): try container.encode(options, forKey: key)
    case .branches(let branches): try container.encode(branches, forKey: key)
    case .spatialTransformer(let localization, let downsample):
      try container.encode(
        Transformer(localization: localization, downsample: downsample), forKey: key)
    }
  }
}
