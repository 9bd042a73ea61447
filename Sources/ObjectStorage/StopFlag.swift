import Synchronization

/// Says whether transfers end: libcurl asks for it many times a second.
///
/// A class because those who set it and those who transfer share it.
public final class StopFlag: Sendable {
  private let value = Atomic(false)

  /// A flag that is not set.
  public init() {}

  /// Whether the flag was set.
  public var isSet: Bool { value.load(ordering: .relaxed) }

  /// Ends the transfers that look at the flag.
  public func set() { value.store(true, ordering: .relaxed) }
}
