/// A number that a transfer looks at many times a second: the transfer ends when it is not 0.
///
/// A class because it owns the memory that libcurl's callback reads. It is safe to share: the number
/// is one aligned word, which only changes from 0 to 1.
public final class StopFlag: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Int32>

  /// A flag that is not set.
  public init() {
    pointer = .allocate(capacity: 1)
    pointer.initialize(to: 0)
  }

  deinit { pointer.deallocate() }

  /// Whether the flag was set.
  public var isSet: Bool { pointer.pointee != 0 }

  /// Ends the transfers that look at the flag.
  public func set() { pointer.pointee = 1 }
}
