/// What part of a protocol a sample or a pair belongs to.
public enum Role: String, Sendable, CaseIterable, Codable {
  case train
  case validation
  case test

  /// The role's place in order: 0, 1, 2.
  var order: Int {
    switch self {
    case .train: 0
    case .validation: 1
    case .test: 2
    }
  }

  /// The role in that place.
  init(order: Int) {
    self = order == 0 ? .train : order == 1 ? .validation : .test
  }
}
