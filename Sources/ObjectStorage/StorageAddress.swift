import Foundation

/// Where objects lie: a bucket of an object store and a prefix in it, or a folder of a web server.
public struct StorageAddress: Hashable, Sendable, CustomStringConvertible {
  /// How the objects are reached.
  enum Place: Hashable, Sendable {
    /// A bucket that is reached with Amazon's S3 protocol.
    case bucket(name: String, prefix: String)
    /// A folder that is read by plain HTTP; the URL has no slash at its end.
    case web(url: String)
  }

  /// The address as the user wrote it, without slashes at its end and without a password.
  public let description: String
  let place: Place
  /// The server of the bucket, as "http://127.0.0.1:9000"; `nil` for Amazon's.
  let endpoint: String?

  /// Whether a network carries the objects without encryption.
  public var isUnencrypted: Bool {
    guard let rest = endpoint.flatMap({ $0.hasPrefix("http://") ? $0.dropFirst(7) : nil }) else {
      return false
    }
    return !Self.isLoopback(rest)
  }

  /// Whether objects can be written there.
  public var isWritable: Bool { if case .bucket = place { true } else { false } }

  /// Returns true if a word given for a store is an address, and not a folder.
  public static func isAddress(_ word: String) -> Bool {
    ["s3://", "https://", "http://"].contains { word.lowercased().hasPrefix($0) }
  }

  /// Reads an address, as "s3://bucket/prefix" or "https://server/folder".
  ///
  /// - Parameters:
  ///   - text: the address.
  ///   - endpoint: the server of the bucket, `nil` for the one in `environment` or Amazon's.
  ///   - environment: the environment, for AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL.
  /// - Throws: ``StorageError/badAddress(address:reason:)``.
  public init(
    _ text: String, endpoint: String? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(StorageError) {
    var trimmed = text[...]
    while trimmed.hasSuffix("/"), !trimmed.hasSuffix("://") { trimmed = trimmed.dropLast() }
    description = String(trimmed)
    func refuse(_ reason: String) -> StorageError {
      .badAddress(address: Self.withoutPassword(text), reason: reason)
    }
    guard let colon = trimmed.range(of: "://") else {
      throw refuse("an address begins with s3:// or https://")
    }
    let scheme = trimmed[..<colon.lowerBound].lowercased()
    let rest = trimmed[colon.upperBound...]
    guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else {
      throw refuse("it must have no ? and no #")
    }
    guard scheme == "s3" else {
      guard scheme == "https" || Self.isLoopback(rest) else {
        throw refuse("http:// is not encrypted and only accepted for this machine")
      }
      guard !rest.prefix(while: { $0 != "/" }).contains("@") else {
        throw refuse("it must have no password")
      }
      guard rest.contains(where: { $0 != "/" }) else { throw refuse("it names no server") }
      place = .web(url: "\(scheme)://\(rest)")
      self.endpoint = nil
      return
    }
    let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let bucket = String(parts.first ?? "")
    guard Self.isBucketName(bucket) else {
      throw refuse("a bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens")
    }
    let prefix = parts.count > 1 ? String(parts[1]) : ""
    let steps = prefix.split(separator: "/", omittingEmptySubsequences: false)
    guard prefix.isEmpty || !steps.contains(where: { ["", ".", ".."].contains($0) }) else {
      throw refuse("the prefix contains an empty part, . or ..")
    }
    place = .bucket(name: bucket, prefix: prefix)
    self.endpoint = try Self.server(
      endpoint ?? environment["AWS_ENDPOINT_URL_S3"] ?? environment["AWS_ENDPOINT_URL"])
  }

  private static func server(_ text: String?) throws(StorageError) -> String? {
    guard var url = text, !url.isEmpty else { return nil }
    while url.hasSuffix("/") { url.removeLast() }
    guard let found = URLComponents(string: url), let host = found.host, !host.isEmpty,
      found.scheme == "https" || found.scheme == "http", found.user == nil, found.query == nil
    else {
      throw .badAddress(
        address: withoutPassword(url),
        reason: "an endpoint has the form https://s3.example.org:9000")
    }
    return url
  }

  /// Returns true if the server is on this machine.
  private static func isLoopback(_ rest: Substring) -> Bool {
    let host = rest.prefix { $0 != "/" && $0 != ":" }
    return host == "127.0.0.1" || host == "localhost"
  }

  private static func isBucketName(_ name: String) -> Bool {
    (3...63).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
      }
  }

  /// The text up to its query, which may have a signature, and without a user and password.
  private static func withoutPassword(_ text: String) -> String {
    let text = text.prefix { $0 != "?" && $0 != "#" }
    let start = text.range(of: "://")?.upperBound ?? text.startIndex
    let server = text[start...].prefix { $0 != "/" }
    guard let at = server.lastIndex(of: "@") else { return String(text) }
    return String(text[..<start] + text[text.index(after: at)...])
  }

  /// The address with its server: two addresses are the same place only if these are equal.
  public var identifier: String { endpoint.map { "\(description) \($0)" } ?? description }

  /// The name of an object, for messages.
  public func name(_ key: String) -> String { "\(description)/\(key)" }

  /// The URL of an object.
  ///
  /// - Parameters:
  ///   - key: the name of the object below the prefix.
  ///   - region: the region of the bucket.
  /// - Returns: the URL; a bucket of another server, or one with a dot in its name, stands in the path.
  func url(_ key: String, region: String) -> String {
    switch place {
    case .web(let url): return "\(Self.completed(url))/\(Self.escaped(key))"
    case .bucket(let bucket, let prefix):
      let path = Self.escaped(prefix.isEmpty ? key : "\(prefix)/\(key)")
      if let endpoint { return "\(endpoint)/\(bucket)/\(path)" }
      let server = "s3.\(region).amazonaws.com"
      return bucket.contains(".")
        ? "https://\(server)/\(bucket)/\(path)" : "https://\(bucket).\(server)/\(path)"
    }
  }

  /// The URL with blanks and other bytes that a URL has not as %XX; what is escaped stays so.
  private static func completed(_ url: String) -> String {
    url.utf8.reduce(into: "") { text, byte in
      let isPlain = (33...126).contains(byte) && !"\"<>\\^`{|}".utf8.contains(byte)
      text += isPlain ? String(UnicodeScalar(byte)) : percent(byte)
    }
  }

  private static func percent(_ byte: UInt8) -> String {
    "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
  }

  /// The path with every byte but letters, digits, "-", "_", ".", "~" and "/" as %XX, which is also
  /// the form that Amazon's signature is computed of.
  static func escaped(_ path: String) -> String {
    var text = ""
    for byte in path.utf8 {
      let scalar = Unicode.Scalar(byte)
      let isPlain =
        byte < 128
        && (CharacterSet.alphanumerics.contains(scalar) || "-_.~/".unicodeScalars.contains(scalar))
      if isPlain {
        text.unicodeScalars.append(scalar)
      } else {
        text += percent(byte)
      }
    }
    return text
  }
}
