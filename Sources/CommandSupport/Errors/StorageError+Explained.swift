import ObjectStorage
import RemoteStore

extension StorageError: ExplainedError {
  /// 130 after an interruption, otherwise 1.
  public var exitCode: Int32 { if case .interrupted = self { 130 } else { 1 } }

  /// The message for the user; it never has a secret.
  public var explanation: String {
    switch self {
    case .badAddress(let address, let reason):
      "\(address) is not the address of a store: \(reason)."
    case .badCredentials(let path, let reason):
      "The credentials of \(path) cannot be used: \(reason)."
    case .refused(let object, let code, let access):
      "The server refused \(object): \(code). \(Self.remedy(access))"
    case .noBucket(let object):
      "The bucket of \(object) does not exist. Check its name and --endpoint, or make it first."
    case .otherRegion(let object, let region, let asked):
      "The bucket of \(object) is in the region \(region), and \(asked) was asked. "
        + "Set AWS_REGION=\(region)."
    case .missing(let object):
      "\(object) does not exist on the server. Copy the store there again."
    case .failed(let object, let attempts, let reason):
      "\(object) could not be transferred in \(attempts) attempts: \(reason). "
        + "Check the server and the network, then run the command again; it continues."
    case .damaged(let object, let attempts):
      "\(object) arrived with other bytes than its store has, in \(attempts) attempts. "
        + "Copy the store there again, with prep push --replace for a bucket."
    case .tooLarge(let object, let bytes):
      "\(object) would have \(ByteCount(bytes)); one request can store 5.4GB at most."
    case .notWritable(let address):
      "\(address) can only be read. Copy the store to s3://BUCKET/PREFIX."
    case .system(let operation, let path, let code):
      SystemCall.explanation(operation, path, code)
    case .interrupted:
      "Interrupted. What was transferred is kept; run the command again to continue."
    }
  }
}

extension StorageError {
  private static func remedy(_ access: Access) -> String {
    switch access {
    case .signed:
      "Check the credentials, their rights (s3:GetObject, s3:PutObject, s3:ListBucket and, for --replace, "
        + "s3:DeleteObject) and AWS_REGION."
    case .unsigned:
      "There are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE."
    case .web: "Check the address; no password is sent."
    }
  }
}

extension RemoteStoreError: ExplainedError {
  /// The message for the user.
  public var explanation: String {
    switch self {
    case .noStore(let address):
      "There is no store at \(address). Copy one there with: prep push out \(address)"
    case .damagedShard(let path):
      "\(path) has other bytes than when it was stored. Find what is damaged with: prep verify"
    case .noHash(let object):
      "\(object) is missing or is no SHA-256. Make it beside the catalog with: "
        + "sha256sum catalog.sqlite > catalog.sqlite.sha256, or write over the store with prep push --replace."
    case .otherStore(let address, let lost):
      "\(address) holds another store, or changes that this one has not: \(lost) would be lost. "
        + "Name another address, pull it first, or write over it with --replace."
    case .otherFolder(let folder, let lost):
      "\(folder) holds another store, or changes that the one on the server has not: \(lost) would "
        + "be lost. Name another folder, push it first, or write over it with --replace."
    case .smallCache(let limit, let needed):
      "A cache of \(ByteCount(limit)) cannot hold one shard of \(ByteCount(needed)). "
        + "Raise --cache-limit."
    }
  }
}
