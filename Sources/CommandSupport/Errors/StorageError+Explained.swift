import ObjectStorage
import RemoteStore

extension StorageError: ExplainedError {
  /// 130 after an interruption, otherwise 1.
  public var exitCode: Int32 { if case .interrupted = self { 130 } else { 1 } }

  /// The message for the user; it never has a secret.
  public var explanation: String {
    switch self {
    case .badAddress(let address, let reason): "\(address) is no address of a store: \(reason)."
    case .badCredentials(let path, let reason):
      "The credentials of \(path) cannot be used: \(reason)."
    case .refused(let object, let code, let signed):
      "The server refused \(object): \(code). "
        + (signed
          ? "Check that the credentials may use this bucket, and AWS_REGION."
          : "There are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
            + "AWS_PROFILE.")
    case .noBucket(let object):
      "The bucket of \(object) does not exist. Check its name and --endpoint, or make it first."
    case .otherRegion(let object, let region, let asked):
      "The bucket of \(object) is in the region \(region), and \(asked) was asked. "
        + "Set AWS_REGION=\(region)."
    case .missing(let object):
      "\(object) does not exist on the server. Copy the store there again with prep push."
    case .failed(let object, let attempts, let reason):
      "\(object) could not be transferred in \(attempts) attempts: \(reason). "
        + "Check the server and the network, then run the command again; it continues."
    case .damaged(let object, let attempts):
      "\(object) arrived with other bytes than its store has, in \(attempts) attempts. "
        + "Copy the store there again with prep push."
    case .tooLarge(let object, let bytes):
      "\(object) would have \(ByteCount(bytes)), and a server takes 5.4GB in one request."
    case .notWritable(let address):
      "\(address) can only be read. Copy the store to s3://BUCKET/PREFIX."
    case .system(let operation, let path, let code):
      SystemCall.explanation(operation, path, code)
    case .interrupted:
      "Interrupted. What was transferred is kept; run the command again to continue."
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
    case .otherStore(let address, let object):
      "\(address)/\(object) is of another store, or of an earlier state of this one. Name another "
        + "address, or write over it with --replace."
    case .otherFolder(let folder, let shard):
      "\(folder) holds another store, or another state of it: its shard \(shard) differs. "
        + "Name another folder."
    case .smallCache(let limit, let needed):
      "A cache of \(ByteCount(limit)) cannot hold one shard of \(ByteCount(needed)). "
        + "Raise --cache-limit."
    }
  }
}
