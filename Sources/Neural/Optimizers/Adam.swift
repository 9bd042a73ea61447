/// Adam, or AMSGrad if `amsgrad` is set: it uses the largest second moment so far.
///
/// Source: Kingma and Ba, 2015, section 2, last paragraph; Reddi, Kale and Kumar, 2018.
struct AdamOptions: OptimizerKind {
  package static let name = "adam"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  let rate: Float
  var beta1: Float?
  var beta2: Float?
  var epsilon: Float?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case rate, amsgrad, beta1, beta2, epsilon
  }

  private var moments: AdamMoments { AdamMoments(beta1: beta1, beta2: beta2, epsilon: epsilon) }
  /// Whether the largest second moment so far is used; defaults to false.
  var amsgrad: Bool?

  var slots: [OptimizerSlot] {
    amsgrad == true ? [.first, .second, .largest] : [.first, .second]
  }

  func check() throws(NeuralError) { try moments.check(Self.name) }

  func makeRule() -> any OptimizerRule {
    AdamRule(moments: moments, decay: 0, hasLargest: amsgrad == true)
  }
}

extension OptimizerSpecification {
  /// Adam.
  public static func adam(
    rate: Float, beta1: Float?, beta2: Float?, epsilon: Float?, amsgrad: Bool?
  ) -> OptimizerSpecification {
    .init(AdamOptions(rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, amsgrad: amsgrad))
  }
}
