/// The use of a sample or a pair in a protocol.
public enum Role: String, Sendable, CaseIterable, Codable {
  case train
  case validation
  case test

  /// The position in the order of roles: 0, 1, 2.
  var order: Int {
    switch self {
    case .train: 0
    case .validation: 1
    case .test: 2
    }
  }

  /// Creates the role at this position.
  init(order: Int) {
    self = order == 0 ? .train : order == 1 ? .validation : .test
  }
}
