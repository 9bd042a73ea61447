import Configuration

/// What training makes small, as a recipe describes it.
public enum Loss: Equatable, Sendable {
  /// A mean over pairs, by their distance or by the logits of a head.
  case pairs(PairLoss)
  /// A mean over triplets of a batch.
  case triplet(TripletLoss)
  /// A softmax over all identities, in which a margin is added to the angle of the right one.
  ///
  /// Source: Deng and others, ArcFace: Additive Angular Margin Loss for Deep Face Recognition, 2019,
  /// equation 3.
  case arcFace(MarginSoftmaxOptions)
  /// A softmax over all identities, in which a margin is taken from the cosine of the right one.
  ///
  /// Source: Wang and others, CosFace: Large Margin Cosine Loss for Deep Face Recognition, 2018,
  /// equation 4.
  case cosFace(MarginSoftmaxOptions)

  /// The name in a recipe.
  public var name: String {
    switch self {
    case .pairs(.contrastive): Name.contrastive.rawValue
    case .pairs(.cosineEmbedding): Name.cosineEmbedding.rawValue
    case .pairs(.binaryCrossEntropy): Name.binaryCrossEntropy.rawValue
    case .triplet: Name.triplet.rawValue
    case .arcFace: Name.arcFace.rawValue
    case .cosFace: Name.cosFace.rawValue
    }
  }

  /// Whether the loss is about the logits of a head rather than a distance.
  public var needsHead: Bool {
    if case .pairs(let loss) = self { loss.needsHead } else { false }
  }

  /// The distance the loss is about, which scores are made of as well; `nil` with a head.
  public var distance: Distance? {
    switch self {
    case .pairs(let loss): loss.distance
    case .triplet(let loss): loss.distanceOrDefault
    case .arcFace, .cosFace: .cosine
    }
  }

  /// Refuses options without meaning.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  public func check() throws(NeuralError) {
    switch self {
    case .pairs(let loss): try loss.check()
    case .triplet(let loss): try loss.check()
    case .arcFace(let options): try options.check(name, margins: 0..<1.5)
    case .cosFace(let options): try options.check(name, margins: 0..<2)
    }
  }
}

extension Loss: Codable {
  private enum Name: String, CodingKey, CaseIterable {
    case contrastive
    case cosineEmbedding = "cosine-embedding"
    case binaryCrossEntropy = "binary-cross-entropy"
    case triplet
    case arcFace = "arcface"
    case cosFace = "cosface"
  }

  /// Reads a loss.
  ///
  /// - Throws: `DecodingError` that names the nearest loss when there is none of that name, or the
  ///   nearest option.
  public init(from decoder: any Decoder) throws {
    let named = try NamedOptions<Name>("loss", from: decoder)
    func pairs(_ options: String...) throws -> Loss {
      try named.check(options)
      return .pairs(try PairLoss(from: decoder))
    }
    func softmax() throws -> MarginSoftmaxOptions {
      try named.options(MarginSoftmaxOptions.self, "margin", "scale", "weights", "l2")
    }
    switch named.name {
    case .contrastive: self = try pairs("margin", "form")
    case .cosineEmbedding: self = try pairs("margin")
    case .binaryCrossEntropy: self = try pairs("double-sigmoid")
    case .triplet:
      self = .triplet(
        try named.options(TripletLoss.self, "mining", "margin", "soft", "distance"))
    case .arcFace: self = .arcFace(try softmax())
    case .cosFace: self = .cosFace(try softmax())
    }
  }

  /// Writes the loss as it is read.
  public func encode(to encoder: any Encoder) throws {
    if case .pairs(let loss) = self { return try loss.encode(to: encoder) }
    var container = encoder.container(keyedBy: Name.self)
    switch self {
    case .pairs: return
    case .triplet(let loss): try container.encode(loss, forKey: .triplet)
    case .arcFace(let options): try container.encode(options, forKey: .arcFace)
    case .cosFace(let options): try container.encode(options, forKey: .cosFace)
    }
  }
}
