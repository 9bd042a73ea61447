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

  /// The maximum number of attempts of a request.
  @Option(
    help: ArgumentHelp(
      "Maximum number of attempts of a request; the waits between grow from 0.25 s to at most 20 s.",
      valueName: "n"))
  public var attempts = 8

  /// Whether requests are sent without a signature.
  @Flag(help: "Sign no request; for public buckets.")
  public var noSignRequest = false

  /// Refuses a number of attempts below 1.
  public func validate() throws {
    guard attempts >= 1 else { throw ValidationError("--attempts must be 1 or more.") }
  }

  /// The options as they stand on a command line after an address, with a blank before; for hints.
  public var words: String { endpoint.map { " --endpoint \($0)" } ?? "" }

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
    if place.isUnencrypted {
      output.note("warning: \(endpoint ?? "the endpoint") is not encrypted: use https://")
    }
    let found = place.isWritable && !noSignRequest ? try StorageCredentials.find() : nil
    let region = found?.region ?? StorageCredentials.region()
    return ObjectClient(
      place, credentials: found?.credentials, region: region,
      plan: RetryPlan(attempts: attempts), stop: ToolRunner.stop
    ) { output.note("warning: \($0)") }
  }
}
