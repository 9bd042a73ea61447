import Foundation
import Shards

extension ObjectClient {
  /// The outcome of one attempt of a request.
  enum Verdict {
    case done
    /// `progressed` says whether bytes arrived that need not be sent again.
    case again(reason: String, progressed: Bool = false)
    case error(StorageError)
  }

  /// A request for an object, signed if the address is a bucket and there are credentials.
  func request(
    _ method: ObjectRequest.Method, _ key: String, headers: [String] = [], descriptor: Int32 = -1
  ) -> ObjectRequest {
    var headers = headers
    var signature: (user: String, scope: String)?
    if address.isWritable, let credentials {
      signature = ("\(credentials.key):\(credentials.secret)", "aws:amz:\(region):s3")
      // S3 refuses a signed request without the hash of its body; libcurl 7.88 does not add it.
      if !headers.contains(where: { $0.hasPrefix(Self.bodyHash) }) {
        headers.append("\(Self.bodyHash): \(Digest.sha256([]))")
      }
      if let token = credentials.token { headers.append("x-amz-security-token: \(token)") }
    }
    return ObjectRequest(
      method: method, url: address.url(key, region: region), headers: headers,
      signature: signature, descriptor: descriptor, follows: !address.isWritable)
  }

  /// The header for the SHA-256 of the body of a request.
  static let bodyHash = "x-amz-content-sha256"

  /// Tries a request until it is done, or until it has failed as often as planned without progress.
  func attempt(_ key: String, _ body: () -> Verdict) throws(StorageError) {
    var failures = 0
    while true {
      let verdict = body()
      if stop.isSet { throw .interrupted }
      switch verdict {
      case .done: return
      case .error(let error): throw error
      case .again(let reason, let progressed):
        failures = progressed ? 1 : failures + 1
        guard failures < plan.attempts else {
          throw .failed(object: address.name(key), attempts: plan.attempts, reason: reason)
        }
        try pause(after: failures - 1, key, reason)
      }
    }
  }

  /// Says why a request is tried again, and waits.
  func pause(after attempt: Int, _ key: String, _ reason: String) throws(StorageError) {
    report("\(address.name(key)): \(reason); attempt \(attempt + 2) of \(plan.attempts) follows")
    let end = Date.now + plan.wait(after: attempt)
    while Date.now < end {
      if stop.isSet { throw .interrupted }
      usleep(20_000)
    }
  }

  /// Codes of errors that another attempt may not have: a body that was cut or changed on the way, and
  /// a bucket that is being made.
  ///
  /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.
  private static let passing: Set = [
    "RequestTimeout", "IncompleteBody", "BadDigest", "XAmzContentSHA256Mismatch",
    "OperationAborted", "TemporaryRedirect",
  ]

  /// What an answer means.
  func judge(_ answer: ObjectAnswer, _ key: String, progressed: Bool = false) -> Verdict {
    let object = address.name(key)
    if let failure = answer.failure, answer.isFinal {
      return .error(.failed(object: object, attempts: 1, reason: failure))
    }
    if answer.errorCode.map(Self.passing.contains) ?? false {
      return .again(reason: Self.code(answer))
    }
    switch answer.status {
    case 200..<300:
      return answer.failure.map { .again(reason: $0, progressed: progressed) } ?? .done
    case 404:
      return .error(
        answer.errorCode == "NoSuchBucket" ? .noBucket(object: object) : .missing(object: object))
    case 301, 307, 400:
      if let there = answer.region, there != region {
        return .error(.otherRegion(object: object, region: there, asked: region))
      }
      return .error(refusal(answer, object))
    case 408, 429, 500...: return .again(reason: Self.code(answer))
    case 0: return .again(reason: answer.failure ?? "no answer")
    default: return .error(refusal(answer, object))
    }
  }

  private func refusal(_ answer: ObjectAnswer, _ object: String) -> StorageError {
    let access: StorageError.Access =
      !address.isWritable ? .web : credentials == nil ? .unsigned : .signed
    return .refused(object: object, code: Self.code(answer), access: access)
  }

  private static func code(_ answer: ObjectAnswer) -> String {
    "HTTP \(answer.status)" + (answer.errorCode.map { " \($0)" } ?? "")
  }
}
