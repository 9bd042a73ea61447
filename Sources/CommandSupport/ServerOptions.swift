import ArgumentParser
import Foundation
import ObjectStorage

/// The options for a server of stores.
public struct ServerOptions: ParsableArguments, Sendable {
  /// The server of a bucket; `nil` for the one in the environment or Amazon's.
  @Option(
    help: ArgumentHelp(
      "The server of s3:// in place of Amazon's, as http://127.0.0.1:9000; also AWS_ENDPOINT_URL.",
      valueName: "url"))
  public var endpoint: String?

  /// How often each request is tried.
  @Option(
    help: ArgumentHelp(
      "How often a request is tried; the waits between grow from 0.25 to 20 seconds.",
      valueName: "n"))
  public var attempts = 8

  /// Refuses a number of attempts below 1.
  public func validate() throws {
    guard attempts >= 1 else { throw ValidationError("--attempts must be 1 or more.") }
  }

  /// Creates options for the parser to fill.
  public init() {}

  /// A client for an address, with the credentials of the environment.
  ///
  /// - Parameters:
  ///   - address: the address, as "s3://bucket/prefix".
  ///   - output: is told of failures after which a request is tried again.
  /// - Returns: the client; it ends with ``ToolRunner/stop``.
  /// - Throws: `StorageError`.
  public func client(_ address: String, _ output: OutputOptions) throws(StorageError)
    -> ObjectClient
  {
    let place = try StorageAddress(address, endpoint: endpoint)
    let (credentials, region) = try StorageCredentials.find()
    return ObjectClient(
      place, credentials: credentials, region: region,
      plan: RetryPlan(attempts: attempts), stop: ToolRunner.stop
    ) { output.note("warning: \($0)") }
  }
}
