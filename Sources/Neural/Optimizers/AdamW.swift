/// Adam with decoupled weight decay: every step also subtracts rate x decay x w from each weight w.
///
/// Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019.
struct AdamWOptions: OptimizerKind {
  package static let name = "adamw"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  let rate: Float
  /// The weight decay, 0 or more.
  let decay: Float
  var beta1: Float?
  var beta2: Float?
  var epsilon: Float?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case rate, decay, beta1, beta2, epsilon
  }

  private var moments: AdamMoments { AdamMoments(beta1: beta1, beta2: beta2, epsilon: epsilon) }

  let slots: [OptimizerSlot] = [.first, .second]

  func check() throws(NeuralError) {
    try moments.check(Self.name)
    guard decay >= 0 else {
      throw .badOption(what: Self.name, reason: "decay must be 0 or more")
    }
  }

  func makeRule() -> any OptimizerRule {
    AdamRule(moments: moments, decay: decay, hasLargest: false)
  }
}

extension OptimizerSpecification {
  /// Adam with decoupled weight decay.
  public static func adamw(
    rate: Float, decay: Float, beta1: Float?, beta2: Float?, epsilon: Float?
  ) -> OptimizerSpecification {
    .init(AdamWOptions(rate: rate, decay: decay, beta1: beta1, beta2: beta2, epsilon: epsilon))
  }
}
