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
    /// The SHA-256 that was stored with the object, in lower case; `nil` if another program stored
    /// anything else there.
    public let sha256: String?
  }

  /// The facts of an object; `nil` if it does not exist.
  ///
  /// - Throws: ``StorageError``.
  public func facts(_ key: String, over connection: Connection) throws(StorageError) -> Facts? {
    var facts: Facts?
    try attempt(key) {
      let answer = request(.head, key).perform(connection, stop: stop)
      if answer.failure == nil, answer.status == 404 { return .done }
      let verdict = judge(answer, key)
      switch verdict {
      case .done:
        facts = Facts(byteCount: answer.length, sha256: answer.sha256.flatMap(Digest.parsed))
      // The answer to HEAD has no body, so that of GET must tell why it was refused.
      case .error:
        let answer = probe(key, over: connection)
        return answer.isLonger ? verdict : judge(answer, key)
      case .again: break
      }
      return verdict
    }
    return facts
  }

  /// Asks for the first byte of an object, for the reason of a refusal.
  private func probe(_ key: String, over connection: Connection) -> ObjectAnswer {
    var get = request(.get, key, headers: ["Range: bytes=0-0"])
    get.limit = 0
    return get.perform(connection, stop: stop)
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
    try fetch(key, into: file, path: path, limit: 1 << 20, over: connection)
    return (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }

  /// Downloads an object to a file, which appears complete or not at all.
  ///
  /// - Parameters:
  ///   - key: the name of the object.
  ///   - path: the file.
  ///   - sha256: the SHA-256 that the bytes must have.
  ///   - byteCount: the length that they must have; `nil` if it is not known.
  ///   - connection: the connection.
  /// - Throws: ``StorageError``; ``StorageError/damaged(object:attempts:)`` if the bytes are others
  ///   in every attempt.
  public func download(
    _ key: String, to path: String, sha256: String, byteCount: Int?, over connection: Connection
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
      try fetch(key, into: file, path: temporary, limit: byteCount ?? .max, over: connection)
      if Digest.sha256(file: temporary) == sha256 {
        guard fsync(file) == 0 else { throw .system(operation: "fsync", path: path, code: errno) }
        guard rename(temporary, path) == 0 else {
          throw .system(operation: "rename", path: path, code: errno)
        }
        return
      }
      guard attempt + 1 < plan.attempts else { break }
      try pause(after: attempt, key, "other bytes arrived than were stored")
    }
    throw .damaged(object: address.name(key), attempts: plan.attempts)
  }

  /// Fetches an object into a file from its start; the bytes may be more or others than were stored.
  private func fetch(
    _ key: String, into file: Int32, path: String, limit: Int, over connection: Connection
  ) throws(StorageError) {
    guard ftruncate(file, 0) == 0 else {
      throw .system(operation: "truncate", path: path, code: errno)
    }
    var position = 0
    var etag: String?
    try attempt(key) {
      var headers: [String] = []
      // The rest of another object must not be put behind the start of this one.
      if position > 0, let etag { headers = ["Range: bytes=\(position)-", "If-Match: \(etag)"] }
      var get = request(.get, key, headers: headers, descriptor: file)
      get.offset = headers.isEmpty ? 0 : position
      get.limit = limit
      let answer = get.perform(connection, stop: stop)
      if answer.system != 0 {
        return .error(.system(operation: "write", path: path, code: answer.system))
      }
      if answer.isLonger { return .done }
      if !headers.isEmpty, answer.status == 412 || answer.status == 416 {
        (position, etag) = (0, nil)
        return .again(reason: "the object changed while it was fetched")
      }
      guard answer.status / 100 == 2 else { return judge(answer, key) }
      if let found = answer.etag, !found.hasPrefix("W/") { etag = found }
      let earlier = position
      position = etag == nil ? 0 : answer.position
      return judge(answer, key, progressed: position > earlier)
    }
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
    try attempt(key) {
      var put = request(.put, key, headers: headers, descriptor: file)
      put.byteCount = count
      let answer = put.perform(connection, stop: stop)
      if answer.system != 0 {
        return .error(.system(operation: "read", path: path, code: answer.system))
      }
      return judge(answer, key)
    }
  }

  /// Removes an object; it may be gone already.
  ///
  /// - Throws: ``StorageError``.
  public func remove(_ key: String, over connection: Connection) throws(StorageError) {
    try attempt(key) {
      let answer = request(.delete, key).perform(connection, stop: stop)
      return answer.status == 404 ? .done : judge(answer, key)
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
