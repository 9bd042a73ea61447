internal import CKernels
import Foundation

/// Memory for floats, aligned for vector instructions and initialised to 0.
///
/// A class because it owns memory that adjacent layers share. Not safe to share between threads;
/// the kernels parallelise their own work.
public final class FloatBuffer {
  /// Number of values.
  public let count: Int
  /// The precision of the values.
  public let precision: Precision
  /// The address of the first value; valid as long as the buffer exists.
  let raw: UnsafeMutableRawPointer
  /// The address of the first value as a 32-bit float.
  ///
  /// - Precondition: The precision is `float32`.
  public let start: UnsafeMutablePointer<Float>
  /// The allocated memory; the buffer starts at the next multiple of 64 bytes.
  private let allocation: UnsafeMutableRawPointer?
  /// The buffer whose memory this is a view of.
  private let owner: FloatBuffer?

  /// Number of bytes.
  var bytes: Int { count * precision.bytes }

  /// Number of bytes of a large page, and the least number of bytes of a buffer that asks for them.
  private static let hugePage = 2 << 20
  private static let large = 8 << 20
  /// MADV_HUGEPAGE of Linux.
  private static let hugeAdvice: Int32 = 14

  /// Creates a buffer of `count` values.
  public init(count: Int, precision: Precision = .float32) {
    self.count = count
    self.precision = precision
    let bytes = count * precision.bytes
    let alignment = bytes < Self.large ? 64 : Self.hugePage
    // calloc returns zeros without writing them, so unused pages take no memory. Sizes that do not
    // fit in memory are rejected earlier, so a failure here is a failure of the system, as for
    // Swift's own allocations.
    guard let allocation = calloc(max(64, bytes) + alignment, 1) else {
      fatalError("there is no memory for \(count) floats")
    }
    ckernels_buffers_made().pointee += 1
    self.allocation = allocation
    raw = allocation.alignedUp(toMultipleOf: alignment)
    // Transforms access many pages at a time. Without such pages, this changes nothing.
    if bytes >= Self.large { madvise(raw, bytes / Self.hugePage * Self.hugePage, Self.hugeAdvice) }
    start = raw.assumingMemoryBound(to: Float.self)
    owner = nil
  }

  /// Creates a buffer that contains `values`.
  public convenience init(_ values: [Float], precision: Precision = .float32) {
    self.init(count: values.count, precision: precision)
    replace(with: values)
  }

  /// Creates a view of the first bytes of another buffer.
  init(viewOf owner: FloatBuffer, count: Int, precision: Precision) {
    precondition(count * precision.bytes <= owner.count * owner.precision.bytes)
    self.count = count
    self.precision = precision
    self.owner = owner
    allocation = nil
    raw = owner.raw
    start = owner.start
  }

  deinit {
    free(allocation)
  }

  /// Number of buffers with their own memory that the calling thread has created.
  static var made: Int { ckernels_buffers_made().pointee }

  var element: CElement { precision == .float32 ? CELEMENT_FLOAT32 : CELEMENT_BFLOAT16 }

  private var words: UnsafeMutablePointer<UInt16> { raw.assumingMemoryBound(to: UInt16.self) }

  /// The floats as an array.
  public var values: [Float] {
    guard precision == .bfloat16 else {
      return Array(UnsafeBufferPointer(start: start, count: count))
    }
    return (0..<count).map { Float(bitPattern: UInt32(words[$0]) << 16) }
  }

  /// Replaces all values.
  ///
  /// - Precondition: The number of values is that of the buffer.
  public func replace(with values: [Float]) {
    precondition(values.count == count, "\(values.count) values for a buffer of \(count)")
    values.withUnsafeBufferPointer { values in
      guard let first = values.baseAddress else { return }
      switch precision {
      case .float32: start.update(from: first, count: count)
      case .bfloat16: ckernels_narrow(count, first, words)
      }
    }
  }

  /// Copies the values of another buffer, rounded if this buffer has a lower precision.
  ///
  /// - Precondition: The buffers have the same length.
  func copy(_ other: FloatBuffer) {
    precondition(other.count == count, "\(other.count) values for a buffer of \(count)")
    // A view of the other buffer already contains its values.
    guard raw != other.raw else { return }
    switch (other.precision, precision) {
    case (.float32, .bfloat16): ckernels_narrow(count, other.start, words)
    case (.bfloat16, .float32): ckernels_widen(count, other.words, start)
    default: cgeometry_copy(bytes, other.raw, raw)
    }
  }

  /// Adds the values of another buffer of the same precision and length.
  func add(_ other: FloatBuffer) {
    precondition(other.count == count && other.precision == precision)
    ckernels_add(count, element, other.raw, raw)
  }

  /// Sets every value to 0.
  func clear() {
    raw.initializeMemory(as: UInt8.self, repeating: 0, count: count * precision.bytes)
  }
}
