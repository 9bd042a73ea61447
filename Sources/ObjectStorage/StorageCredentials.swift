import Foundation

/// The key of a user of an object store, and the region of the requests.
///
/// It is never printed: its description has no secret.
public struct StorageCredentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
  let key: String
  let secret: String
  let token: String?

  /// A word without the key.
  public var description: String { "credentials" }
  /// A word without the key.
  public var debugDescription: String { description }

  /// Credentials and region of the environment.
  ///
  /// Credentials come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or from
  /// the profile AWS_PROFILE of `~/.aws/credentials`; the region from AWS_REGION,
  /// AWS_DEFAULT_REGION or the profile of `~/.aws/config`, and is us-east-1 otherwise.
  ///
  /// Source: <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html>.
  ///
  /// - Parameter environment: the environment.
  /// - Returns: the credentials, `nil` if there are none, and the region.
  /// - Throws: ``StorageError/badCredentials(path:reason:)``.
  public static func find(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(StorageError) -> (credentials: StorageCredentials?, region: String) {
    func variable(_ name: String) -> String? { Self.variable(name, environment) }
    let region = region(environment)
    let profile = variable("AWS_PROFILE") ?? "default"
    if let key = variable("AWS_ACCESS_KEY_ID") {
      guard let secret = variable("AWS_SECRET_ACCESS_KEY") else {
        throw .badCredentials(
          path: "AWS_ACCESS_KEY_ID", reason: "AWS_SECRET_ACCESS_KEY is not set beside it")
      }
      return (try checked(key, secret, variable("AWS_SESSION_TOKEN"), "AWS_ACCESS_KEY_ID"), region)
    }
    let path =
      variable("AWS_SHARED_CREDENTIALS_FILE") ?? "\(variable("HOME") ?? "")/.aws/credentials"
    let values = profileValues(path, section: profile)
    if values == nil, FileManager.default.fileExists(atPath: path),
      (try? String(contentsOfFile: path, encoding: .utf8)) == nil
    {
      throw .badCredentials(path: path, reason: "the file cannot be read")
    }
    guard let values else {
      if variable("AWS_PROFILE") != nil {
        throw .badCredentials(path: path, reason: "it has no profile \(profile)")
      }
      return (nil, region)
    }
    guard let key = values["aws_access_key_id"], let secret = values["aws_secret_access_key"] else {
      throw .badCredentials(
        path: path,
        reason: "the profile \(profile) has no aws_access_key_id or no aws_secret_access_key")
    }
    return (try checked(key, secret, values["aws_session_token"], path), region)
  }

  /// The region of the environment; see ``find(_:)``.
  public static func region(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String {
    func variable(_ name: String) -> String? { Self.variable(name, environment) }
    let profile = variable("AWS_PROFILE") ?? "default"
    let path = variable("AWS_CONFIG_FILE") ?? "\(variable("HOME") ?? "")/.aws/config"
    let values = profileValues(
      path, section: profile == "default" ? "default" : "profile \(profile)")
    return variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") ?? values?["region"]
      ?? "us-east-1"
  }

  private static func variable(_ name: String, _ environment: [String: String]) -> String? {
    environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Refuses what would change the request that it is put into.
  private static func checked(
    _ key: String, _ secret: String, _ token: String?, _ path: String
  ) throws(StorageError) -> StorageCredentials {
    func isPlain(_ text: String) -> Bool {
      !text.isEmpty && text.utf8.allSatisfy { (33...126).contains($0) }
    }
    guard isPlain(key), !key.contains(":"), isPlain(secret), token.map(isPlain) ?? true else {
      throw .badCredentials(path: path, reason: "a key has a character that keys do not have")
    }
    return StorageCredentials(key: key, secret: secret, token: token)
  }

  /// The values of one section of a file of settings; `nil` if there is no such file or section.
  private static func profileValues(_ path: String, section: String) -> [String: String]? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    var values: [String: String]?
    var isWanted = false
    for line in text.split(whereSeparator: \.isNewline) {
      let line = line.trimmingCharacters(in: .whitespaces)
      if line.hasPrefix("#") || line.hasPrefix(";") { continue }
      if line.hasPrefix("["), line.hasSuffix("]") {
        isWanted = line.dropFirst().dropLast().trimmingCharacters(in: .whitespaces) == section
        if isWanted { values = values ?? [:] }
        continue
      }
      guard isWanted, let equals = line.firstIndex(of: "=") else { continue }
      let name = line[..<equals].trimmingCharacters(in: .whitespaces)
      values?[name] = line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces)
    }
    return values
  }
}
