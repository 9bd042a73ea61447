import Foundation

/// Memory for 32-bit floats, aligned for vector instructions, zero at first.
///
/// A class because it owns memory that a layer and its neighbours share. Not safe to share between
/// threads; the kernels that work on it spread their own work.
public final class FloatBuffer {
  /// How many floats there are.
  public let count: Int
  /// The first of them; valid as long as the buffer.
  public let start: UnsafeMutablePointer<Float>

  /// Room for `count` floats.
  public init(count: Int) {
    self.count = count
    let raw = UnsafeMutableRawPointer.allocate(byteCount: max(64, count * 4), alignment: 64)
    start = raw.bindMemory(to: Float.self, capacity: max(16, count))
    start.update(repeating: 0, count: count)
  }

  /// A buffer that holds `values`.
  public convenience init(_ values: [Float]) {
    self.init(count: values.count)
    replace(with: values)
  }

  deinit {
    UnsafeMutableRawPointer(start).deallocate()
  }

  /// The floats as an array.
  public var values: [Float] {
    Array(UnsafeBufferPointer(start: start, count: count))
  }

  /// Overwrites the buffer.
  ///
  /// - Precondition: there are as many values as floats in the buffer.
  public func replace(with values: [Float]) {
    precondition(values.count == count, "\(values.count) values for a buffer of \(count)")
    start.update(from: values, count: count)
  }
}
