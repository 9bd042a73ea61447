internal import CLibcrypto

/// The state of a SHA-256 or MD5 over bytes that arrive in parts, computed by libcrypto.
///
/// It is a value: bytes that are added to a copy do not change the original.
struct DigestState {
  /// A hash function.
  enum Function {
    case sha256
    case md5

    // Looked up once: libcrypto takes longer for it than for the hash of a short text. Safe to share:
    // the pointer is never changed or freed, and libcrypto lets all threads use it.
    nonisolated(unsafe) private static let sha256Function = EVP_MD_fetch(nil, "SHA2-256", nil)
    // Safe to share as the one above. MD5 protects nothing here, so a machine that allows only approved
    // functions may compute it as well.
    nonisolated(unsafe) private static let md5Function = EVP_MD_fetch(nil, "MD5", "-fips")

    fileprivate var pointer: OpaquePointer? {
      switch self {
      case .sha256: Self.sha256Function
      case .md5: Self.md5Function
      }
    }
  }

  /// The memory of libcrypto, which is freed with the last value that refers to it.
  private final class Context {
    let pointer: OpaquePointer

    init(copying other: Context? = nil) {
      // libcrypto fails here only without memory, where Swift ends the process as well.
      guard let pointer = EVP_MD_CTX_new() else { fatalError("no memory for a digest") }
      self.pointer = pointer
      if let other { Self.check(EVP_MD_CTX_copy_ex(pointer, other.pointer)) }
    }

    deinit { EVP_MD_CTX_free(pointer) }

    /// Ends the process if a call of libcrypto failed.
    ///
    /// It fails if there is no memory or no such function. A wrong digest would be worse.
    static func check(_ status: Int32) {
      precondition(status == 1, "libcrypto cannot compute a digest")
    }
  }

  private var context = Context()

  /// Creates the state before the first byte.
  init(_ function: Function) {
    Context.check(EVP_DigestInit_ex2(context.pointer, function.pointer, nil))
  }

  /// Adds some bytes.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    if !isKnownUniquelyReferenced(&context) { context = Context(copying: context) }
    Context.check(EVP_DigestUpdate(context.pointer, bytes.baseAddress, bytes.count))
  }

  /// Returns the digest of the bytes up to now, as lower-case hexadecimal text.
  func finalize() -> String {
    let ended = Context(copying: context)
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(EVP_MAX_MD_SIZE)) { bytes in
      var count: UInt32 = 0
      Context.check(EVP_DigestFinal_ex(ended.pointer, bytes.baseAddress, &count))
      return Self.hexadecimal(bytes.prefix(Int(count)))
    }
  }

  private static func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(64)
    for byte in digest {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
