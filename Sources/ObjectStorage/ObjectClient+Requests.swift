import Foundation
import Shards

extension ObjectClient {
  /// A request for an object, signed if the address is a bucket and there are credentials.
  func request(
    _ method: ObjectRequest.Method, _ key: String, headers: [String] = [], descriptor: Int32 = -1
  ) -> ObjectRequest {
    var headers = headers
    var signature: (user: String, scope: String)?
    if case .bucket = address.place, let credentials {
      signature = ("\(credentials.key):\(credentials.secret)", "aws:amz:\(region):s3")
      // S3 refuses a signed request without the hash of its body; libcurl 7.88 does not add it.
      if !headers.contains(where: { $0.hasPrefix(Self.bodyHash) }) {
        headers.append("\(Self.bodyHash): \(Digest.sha256([]))")
      }
      if let token = credentials.token { headers.append("x-amz-security-token: \(token)") }
    }
    return ObjectRequest(
      method: method, url: address.url(key, region: region), headers: headers,
      signature: signature, descriptor: descriptor, follows: signature == nil)
  }

  /// The header for the SHA-256 of the body of a request.
  static let bodyHash = "x-amz-content-sha256"

  /// Tries a request until it is done, or until it has failed as often as planned.
  func attempt(
    _ key: String, _ body: (Int) -> Verdict
  ) throws(StorageError) {
    for attempt in 0..<plan.attempts {
      let verdict = body(attempt)
      if stop.isSet { throw .interrupted }
      switch verdict {
      case .done: return
      case .error(let error): throw error
      case .again(let reason):
        guard attempt + 1 < plan.attempts else {
          throw .failed(object: address.name(key), attempts: plan.attempts, reason: reason)
        }
        try pause(after: attempt, key, reason)
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

  /// What an answer means.
  func judge(_ answer: ObjectAnswer, _ key: String) -> Verdict {
    let object = address.name(key)
    switch answer.status {
    case 200..<300:
      if let failure = answer.failure { return .again(reason: failure) }
      return .done
    case 404:
      return .error(
        answer.errorCode == "NoSuchBucket" ? .noBucket(object: object) : .missing(object: object))
    case 301, 307, 400:
      if let there = answer.region, there != region {
        return .error(.otherRegion(object: object, region: there, asked: region))
      }
      // A clock that runs wrong and a body that was cut are told apart by the code.
      if answer.errorCode == "RequestTimeout" || answer.errorCode == "IncompleteBody" {
        return .again(reason: answer.errorCode ?? "")
      }
      return .error(refusal(answer, object))
    case 401, 403: return .error(refusal(answer, object))
    case 408, 429, 500...: return .again(reason: Self.code(answer))
    case 0: return .again(reason: answer.failure ?? "no answer")
    default: return .error(refusal(answer, object))
    }
  }

  private func refusal(_ answer: ObjectAnswer, _ object: String) -> StorageError {
    .refused(object: object, code: Self.code(answer), signed: credentials != nil)
  }

  private static func code(_ answer: ObjectAnswer) -> String {
    "HTTP \(answer.status)" + (answer.errorCode.map { " \($0)" } ?? "")
  }
}
