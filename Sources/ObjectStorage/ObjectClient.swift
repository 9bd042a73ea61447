import Foundation
import Shards

/// Reads and writes the objects below an address.
///
/// Every request is tried again after a failure of the network or of the server; a download goes on
/// where it broke off, if the object is still the same.
public struct ObjectClient: Sendable {
  /// Where the objects lie.
  public let address: StorageAddress
  let credentials: StorageCredentials?
  let region: String
  let plan: RetryPlan
  let stop: StopFlag
  let report: @Sendable (String) -> Void

  /// Creates a client; nothing is sent.
  ///
  /// - Parameters:
  ///   - address: where the objects lie.
  ///   - credentials: the user's key; `nil` to sign nothing.
  ///   - region: the region of the bucket.
  ///   - plan: how often a request is tried.
  ///   - stop: ends every transfer when it is set.
  ///   - onRetry: is told of each failure after which a request is tried again.
  public init(
    _ address: StorageAddress, credentials: StorageCredentials?, region: String,
    plan: RetryPlan = RetryPlan(), stop: StopFlag = StopFlag(),
    onRetry: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.address = address
    self.credentials = credentials
    self.region = region
    self.plan = plan
    self.stop = stop
    report = onRetry
  }

  /// Whether every transfer was ended.
  public var isStopped: Bool { stop.isSet }

  /// What is known of an object without its bytes.
  public struct Facts: Sendable, Equatable {
    /// The length in bytes, if the server names it.
    public let byteCount: Int?
    /// The SHA-256 that was stored with the object.
    public let sha256: String?
  }

  /// What a request came to.
  enum Verdict {
    case done
    case again(reason: String)
    case error(StorageError)
  }

  /// The facts of an object; `nil` if it does not exist.
  ///
  /// - Throws: ``StorageError``.
  public func facts(_ key: String, over connection: Connection) throws(StorageError) -> Facts? {
    var facts: Facts?
    try attempt(key) { _ in
      let answer = request(.head, key).perform(connection, stop: stop)
      if answer.failure == nil, answer.status == 404 { return .done }
      let verdict = judge(answer, key)
      if case .done = verdict { facts = Facts(byteCount: answer.length, sha256: answer.sha256) }
      return verdict
    }
    return facts
  }

  /// A small object as text.
  ///
  /// - Throws: ``StorageError``.
  public func text(_ key: String, over connection: Connection) throws(StorageError) -> String {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent(".twinset-\(UUID().uuidString)").path
    defer { unlink(path) }
    let file = try Self.open(path, O_RDWR | O_CREAT | O_EXCL)
    defer { close(file) }
    _ = try fetch(key, into: file, path: path, over: connection)
    return (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }

  /// Downloads an object to a file, which appears complete or not at all.
  ///
  /// - Parameters:
  ///   - key: the name of the object.
  ///   - path: the file.
  ///   - sha256: the SHA-256 that the bytes must have; `nil` for the one stored with the object, or
  ///     for that of the object KEY.sha256 if there is none.
  ///   - connection: the connection.
  /// - Throws: ``StorageError``; ``StorageError/damaged(object:attempts:)`` if the bytes are others
  ///   in every attempt.
  public func download(
    _ key: String, to path: String, sha256: String?, over connection: Connection
  ) throws(StorageError) {
    let url = URL(fileURLWithPath: path)
    let temporary =
      "\(url.deletingLastPathComponent().path)/\(DurableFile.temporaryPrefix)"
      + "\(UUID().uuidString)-\(url.lastPathComponent)"
    let file = try Self.open(temporary, O_RDWR | O_CREAT | O_EXCL)
    defer {
      unlink(temporary)
      close(file)
    }
    for attempt in 0..<plan.attempts {
      let stored = try fetch(key, into: file, path: temporary, over: connection)
      let wanted: String
      if let known = sha256 ?? stored {
        wanted = known
      } else {
        wanted = try listedHash(of: key, over: connection)
      }
      if Digest.sha256(file: temporary) == wanted {
        guard fsync(file) == 0, rename(temporary, path) == 0 else {
          throw .system(operation: "rename", path: path, code: errno)
        }
        return
      }
      guard attempt + 1 < plan.attempts else { break }
      try pause(after: attempt, key, "other bytes arrived than were stored")
    }
    throw .damaged(object: address.name(key), attempts: plan.attempts)
  }

  /// The hash in KEY.sha256, in the format of sha256sum.
  private func listedHash(
    of key: String, over connection: Connection
  ) throws(StorageError) -> String {
    let line = try text("\(key).sha256", over: connection)
    return String(line.prefix { $0.isHexDigit }).lowercased()
  }

  /// Fetches an object into a file from its start; returns the SHA-256 that was stored with it.
  private func fetch(
    _ key: String, into file: Int32, path: String, over connection: Connection
  ) throws(StorageError) -> String? {
    guard ftruncate(file, 0) == 0 else {
      throw .system(operation: "truncate", path: path, code: errno)
    }
    var position = 0
    var etag: String?
    var sha256: String?
    try attempt(key) { _ in
      var headers: [String] = []
      // The rest of another object must not be put behind the start of this one.
      if position > 0, let etag { headers = ["Range: bytes=\(position)-", "If-Match: \(etag)"] }
      var get = request(.get, key, headers: headers, descriptor: file)
      get.offset = position
      let answer = get.perform(connection, stop: stop)
      if answer.system != 0 {
        return .error(.system(operation: "write", path: path, code: answer.system))
      }
      if !headers.isEmpty, answer.status == 412 || answer.status == 416 {
        (position, etag) = (0, nil)
        return .again(reason: "the object changed while it was fetched")
      }
      if answer.status / 100 == 2 {
        if let found = answer.etag, !found.hasPrefix("W/") { etag = found }
        sha256 = answer.sha256
        position = etag == nil ? 0 : answer.position
      }
      return judge(answer, key)
    }
    return sha256
  }

  /// Writes a file as an object, with its SHA-256.
  ///
  /// The server refuses the object if other bytes arrive, because the signature includes the hash.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - key: the name of the object.
  ///   - sha256: the SHA-256 of the file.
  ///   - connection: the connection.
  /// - Throws: ``StorageError``.
  public func upload(
    _ path: String, as key: String, sha256: String, over connection: Connection
  ) throws(StorageError) {
    guard address.isWritable else { throw .notWritable(address: address.description) }
    let file = try Self.open(path, O_RDONLY)
    defer { close(file) }
    let count = Int(lseek(file, 0, SEEK_END))
    guard count >= 0 else { throw .system(operation: "seek", path: path, code: errno) }
    guard count <= Self.largestUpload else {
      throw .tooLarge(object: address.name(key), byteCount: count)
    }
    let headers = ["\(Self.bodyHash): \(sha256)", "x-amz-meta-sha256: \(sha256)"]
    try attempt(key) { _ in
      var put = request(.put, key, headers: headers, descriptor: file)
      put.byteCount = count
      let answer = put.perform(connection, stop: stop)
      if answer.system != 0 {
        return .error(.system(operation: "read", path: path, code: answer.system))
      }
      return judge(answer, key)
    }
  }

  /// The largest object of one request: 5 GiB.
  ///
  /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.
  static let largestUpload = 5 << 30

  private static func open(_ path: String, _ flags: Int32) throws(StorageError) -> Int32 {
    let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw .system(operation: flags & O_CREAT != 0 ? "create" : "open", path: path, code: errno)
    }
    return descriptor
  }
}
