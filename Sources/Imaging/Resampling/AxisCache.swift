internal import CLanczos
import Synchronization

/// The resampling weights of one image axis; they are freed with this object.
///
/// It is safe to share: the C code only reads the weights after their creation.
final class ResamplingAxis: @unchecked Sendable {
  let pointer: OpaquePointer

  init?(from: Int, to: Int, filter: CLanczosFilter) {
    guard let pointer = clanczos_axis_create(Int32(from), Int32(to), filter) else { return nil }
    self.pointer = pointer
  }

  deinit { clanczos_axis_destroy(pointer) }
}

/// A cache of resampling weights by size, shared by all workers.
package final class AxisCache: Sendable {
  private struct Key: Hashable {
    let from: Int
    let to: Int
    let filter: UInt32
  }

  private struct Axes {
    var byKey: [Key: ResamplingAxis] = [:]
    var bytes = 0
  }

  /// The maximum size of the cached weights in bytes, enough for a dataset of mixed sizes.
  private static let limit = 32 << 20

  private let axes = Mutex(Axes())

  package init() {}

  /// Returns the weights from one length to another; `nil` if there is not enough memory.
  func axis(from: Int, to: Int, _ filter: CLanczosFilter) -> ResamplingAxis? {
    let key = Key(from: from, to: to, filter: filter.rawValue)
    if let axis = axes.withLock({ $0.byKey[key] }) { return axis }
    guard let axis = ResamplingAxis(from: from, to: to, filter: filter) else { return nil }
    axes.withLock { axes in
      if axes.bytes > Self.limit { axes = Axes() }
      axes.bytes += clanczos_axis_size(axis.pointer)
      axes.byKey[key] = axis
    }
    return axis
  }
}
