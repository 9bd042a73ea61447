import Configuration

/// The kinds of layers that a network's file may name; register new kinds here.
public enum LayerKinds {
  static let all: [any LayerKind.Type] = [
    ConvolutionOptions.self, MaxPoolOptions.self, AveragePoolOptions.self,
    ChannelRowPoolOptions.self, DenseOptions.self, BatchNormalizationOptions.self,
    DropoutOptions.self, ActivationOptions.self, PReLUOptions.self, ReflectionPadOptions.self,
    FlattenOptions.self, L2NormalizationOptions.self, ResidualOptions.self, BranchesOptions.self,
    SpatialTransformerOptions.self, GlobalAveragePoolOptions.self, SqueezeExcitationOptions.self,
  ]

  /// The `userInfo` that a decoder of ``LayerSpecification`` needs.
  public static var userInfo: [CodingUserInfoKey: any Sendable] {
    NamedKinds.userInfo("layer", all)
  }
}
