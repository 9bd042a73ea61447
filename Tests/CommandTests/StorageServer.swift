import Foundation
import TestSupport

/// An S3 server on this machine, behind a proxy that spoils answers as it is told; see
/// Scripts/storage_server.py.
///
/// A class because it owns the process. It is used by one test at a time.
final class StorageServer: @unchecked Sendable {
  /// One server for all tests; it ends with the process that started it.
  static let shared = Result { try StorageServer() }

  private let process: Process
  private let folder: TemporaryFolder
  private var round = 0

  /// A script about the server has failed.
  struct Failure: Error {
    let message: String
  }

  /// What the server wrote about itself.
  struct Facts: Decodable {
    let endpoint: String
    let server: String
    let key: String
    let secret: String
  }
  let facts: Facts

  /// Starts the server and makes the bucket "faces".
  init() throws {
    folder = try TemporaryFolder()
    process = Process()
    process.executableURL = URL(fileURLWithPath: Surroundings.storagePython)
    let script = "\(Surroundings.root)/Tests/CommandTests/Scripts/storage_server.py"
    process.arguments = [script, folder.path]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let path = folder.file("server.json")
    for _ in 0..<600 where process.isRunning && !FileManager.default.fileExists(atPath: path) {
      usleep(100_000)
    }
    facts = try JSONDecoder().decode(Facts.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// The environment of a user of the server.
  var environment: [String: String] {
    [
      "AWS_ENDPOINT_URL": facts.endpoint, "AWS_ACCESS_KEY_ID": facts.key,
      "AWS_SECRET_ACCESS_KEY": facts.secret, "AWS_REGION": "us-east-1", "HOME": folder.path,
      "XDG_CACHE_HOME": folder.file("cache"),
    ]
  }

  /// The folder of the caches of `train`.
  var cache: String { folder.file("cache/twinset/stores") }

  /// Spoils the first `times` answers about every object whose path has the word; `nil` for none.
  func spoil(_ fault: String?, times: Int = 1, of word: String = "", method: String = "GET") throws
  {
    round += 1
    let rule: [String: Any] = [
      "fault": fault ?? "none", "times": fault == nil ? 0 : times, "of": word, "method": method,
      "round": round,
    ]
    try JSONSerialization.data(withJSONObject: rule)
      .write(to: URL(fileURLWithPath: folder.file("faults.json")), options: .atomic)
    seen = try log().count
  }

  private var seen = 0

  private func log() throws -> [String] {
    try String(contentsOfFile: folder.file("requests.log"), encoding: .utf8)
      .split(separator: "\n").map(String.init)
  }

  /// Whether the bucket has an object.
  func has(_ key: String) throws -> Bool {
    let name = key.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? key
    let outcome = try Tool(path: Surroundings.storagePython).run(
      "-c",
      "import sys, urllib.request as r; print(r.urlopen(sys.argv[1]).read().decode())",
      "\(facts.endpoint)/?has=\(name)")
    return outcome.output == "True\n"
  }

  /// Puts an object again after a statement of Python about its `data` and `metadata`.
  func change(_ key: String, _ statement: String) throws {
    let script = """
      import boto3, sys
      client = boto3.client("s3", endpoint_url=sys.argv[1])
      found = client.get_object(Bucket="faces", Key=sys.argv[2])
      data, metadata = found["Body"].read(), found["Metadata"]
      exec(sys.argv[3])
      client.put_object(Bucket="faces", Key=sys.argv[2], Body=data, Metadata=metadata)
      """
    let outcome = try Tool(path: Surroundings.storagePython).run(
      all: ["-c", script, facts.server, key, statement], environment: environment)
    guard outcome.code == 0 else { throw Failure(message: outcome.error) }
  }

  /// The requests since the last call of ``spoil(_:times:of:method:)``: method, path, range, fault,
  /// and whether it was signed.
  func requests() throws -> [[String]] {
    try log().dropFirst(seen).map { $0.split(separator: " ").map(String.init) }
  }
}
