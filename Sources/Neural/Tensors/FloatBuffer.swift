internal import CKernels
import Foundation

/// Memory for floats, aligned for vector instructions, zero at first.
///
/// A class because it owns memory that a layer and its neighbours share. Not safe to share between
/// threads; the kernels that work on it spread their own work.
public final class FloatBuffer {
  /// How many floats there are.
  public let count: Int
  /// What they are.
  public let precision: Precision
  /// The first of them; valid as long as the buffer.
  let raw: UnsafeMutableRawPointer
  /// The first of them as a 32-bit float.
  ///
  /// - Precondition: that is what they are.
  public let start: UnsafeMutablePointer<Float>
  /// What was allocated; the buffer begins at the next multiple of 64 bytes.
  private let allocation: UnsafeMutableRawPointer?
  /// The buffer whose memory this is a view of.
  private let owner: FloatBuffer?

  /// How many bytes there are.
  var bytes: Int { count * precision.bytes }

  /// Room for `count` floats.
  public init(count: Int, precision: Precision = .float32) {
    self.count = count
    self.precision = precision
    // calloc has zeros without writing them: what is never used takes no memory. Rows and weights that
    // the machine has no memory for are refused before it comes to this, so that what fails here is
    // the system, as where Swift's own allocations fail.
    guard let allocation = calloc(max(64, count * precision.bytes) + 64, 1) else {
      fatalError("there is no memory for \(count) floats")
    }
    ckernels_buffers_made().pointee += 1
    self.allocation = allocation
    raw = allocation.alignedUp(toMultipleOf: 64)
    start = raw.assumingMemoryBound(to: Float.self)
    owner = nil
  }

  /// A buffer that holds `values`.
  public convenience init(_ values: [Float], precision: Precision = .float32) {
    self.init(count: values.count, precision: precision)
    replace(with: values)
  }

  /// A view of the first bytes of another buffer.
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

  /// How many buffers with memory of their own the calling thread has made.
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

  /// Overwrites the buffer.
  ///
  /// - Precondition: there are as many values as floats in the buffer.
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

  /// Takes the values of another buffer, rounded where this one is narrower.
  ///
  /// - Precondition: the buffers are of one length.
  func copy(_ other: FloatBuffer) {
    precondition(other.count == count, "\(other.count) values for a buffer of \(count)")
    // A view of the other one has its values already.
    guard raw != other.raw else { return }
    switch (other.precision, precision) {
    case (.float32, .bfloat16): ckernels_narrow(count, other.start, words)
    case (.bfloat16, .float32): ckernels_widen(count, other.words, start)
    default: raw.copyMemory(from: other.raw, byteCount: count * precision.bytes)
    }
  }

  /// Adds the values of another buffer of the same kind and length.
  func add(_ other: FloatBuffer) {
    precondition(other.count == count && other.precision == precision)
    ckernels_add(count, element, other.raw, raw)
  }

  /// Sets every value to 0.
  func clear() {
    raw.initializeMemory(as: UInt8.self, repeating: 0, count: count * precision.bytes)
  }
}
