import Neural

/// The kinds of layers, losses and optimisers that a file may name.
enum SpecificationKinds {
  /// The `userInfo` that a decoder of networks and recipes needs.
  static var userInfo: [CodingUserInfoKey: any Sendable] {
    LayerKinds.userInfo.merging(LossKinds.userInfo) { first, _ in first }
      .merging(OptimizerKinds.userInfo) { first, _ in first }
      .merging(HeadKinds.userInfo) { first, _ in first }
  }
}
