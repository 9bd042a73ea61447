internal import CCurl
import Foundation

/// One HTTP request for an object.
struct ObjectRequest {
  enum Method: String {
    case get = "GET"
    case head = "HEAD"
    case put = "PUT"
    case delete = "DELETE"
  }

  let method: Method
  let url: String
  let headers: [String]
  /// "key:secret", and what the signature is for; `nil` to sign nothing.
  let signature: (user: String, scope: String)?
  /// A file: GET writes to it, PUT reads from it.
  let descriptor: Int32
  /// GET: where the file is continued.
  var offset = 0
  /// GET: the most bytes that the file may have.
  var limit = Int.max
  /// PUT: the number of bytes.
  var byteCount = 0
  /// Whether redirections are followed.
  let follows: Bool

  /// Performs the request; returns what came of it, also if it failed.
  func perform(_ connection: Connection, stop: StopFlag) -> ObjectAnswer {
    var result = CCurlResult()
    let texts = headers.map { strdup($0) }
    defer { for text in texts { free(text) } }
    let pointers = texts.map { UnsafePointer($0) }
    pointers.withUnsafeBufferPointer { list in
      list.withMemoryRebound(to: UnsafePointer<CChar>.self) { list in
        let user = signature?.user ?? ""
        let scope = signature?.scope ?? ""
        url.withCString { url in
          method.rawValue.withCString { method in
            user.withCString { user in
              scope.withCString { scope in
                var request = CCurlRequest(
                  url: url, method: method, user: signature == nil ? nil : user,
                  signature: signature == nil ? nil : scope, headers: list.baseAddress,
                  header_count: Int32(list.count), descriptor: descriptor, offset: Int64(offset),
                  size: Int64(byteCount), limit: Int64(limit), connect_seconds: 10,
                  stall_seconds: 20,
                  stall_bytes: 1_000, follows: follows ? 1 : 0,
                  is_stopped: { context in
                    Unmanaged<StopFlag>.fromOpaque(context).takeUnretainedValue().isSet ? 1 : 0
                  }, stop_context: Unmanaged.passUnretained(stop).toOpaque())
                let isDone: Void? = withExtendedLifetime(stop) {
                  Transfers.use { ccurl_perform(connection.handle, &request, &result) }
                }
                // Nobody reads the answer: the process ends. A code of 0 would be a whole answer.
                if isDone == nil { result.code = -1 }
              }
            }
          }
        }
      }
    }
    return ObjectAnswer(result)
  }
}

/// What a server answered, or why there is no answer.
struct ObjectAnswer {
  /// The code of HTTP; 0 if there was none.
  let status: Int
  /// Why no whole answer arrived; `nil` if one did.
  let failure: String?
  /// The length of the file after a GET.
  let position: Int
  /// The length that the server named; `nil` if it named none.
  let length: Int?
  /// Whether the transfer was ended because the body passed the limit.
  let isLonger: Bool
  /// Whether another attempt would fail in the same way: a URL or a certificate is wrong.
  let isFinal: Bool
  /// errno if the file on this machine failed.
  let system: Int32
  let etag: String?
  let sha256: String?
  let region: String?
  /// The code in the body of an error, as "NoSuchBucket".
  let errorCode: String?

  /// CURLE_UNSUPPORTED_PROTOCOL, _URL_MALFORMAT, _TOO_MANY_REDIRECTS, _PEER_FAILED_VERIFICATION and
  /// _SSL_CACERT_BADFILE.
  ///
  /// Source: <https://curl.se/libcurl/c/libcurl-errors.html>.
  private static let finalCodes: Set<Int32> = [1, 3, 47, 60, 77]

  init(_ result: CCurlResult) {
    func text<Tuple>(_ tuple: Tuple) -> String? {
      withUnsafeBytes(of: tuple) {
        let bytes = $0.prefix { $0 != 0 }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
      }
    }
    status = result.status
    failure = result.code == 0 ? nil : text(result.message) ?? "error \(result.code)"
    position = Int(result.position)
    length = result.length < 0 ? nil : Int(result.length)
    isLonger = result.is_longer != 0
    isFinal = Self.finalCodes.contains(result.code)
    system = result.system
    etag = text(result.etag)
    sha256 = text(result.sha256)
    region = text(result.region)
    errorCode = text(result.body).flatMap { body in
      guard let start = body.range(of: "<Code>"), let end = body.range(of: "</Code>"),
        start.upperBound <= end.lowerBound
      else { return nil }
      let code = body[start.upperBound..<end.lowerBound]
      return code.utf8.allSatisfy { (48...122).contains($0) } ? String(code) : nil
    }
  }
}

/// A connection that is kept between requests.
///
/// A class because it owns libcurl's handle. Only one thread at a time may use it.
public final class Connection {
  let handle: OpaquePointer

  private static let library: Void = ccurl_start()

  /// Creates a connection; nothing is sent.
  public init() {
    Self.library
    guard let made = ccurl_create() else { preconditionFailure("libcurl has no memory") }
    handle = made
  }

  deinit { Transfers.use { ccurl_destroy(handle) } }
}
