/// The reason why objects cannot be read from or written to an object store.
public enum StorageError: Error, Sendable {
  /// A word is no address.
  case badAddress(address: String, reason: String)
  /// A file of credentials cannot be used.
  case badCredentials(path: String, reason: String)
  /// The server refused a request.
  case refused(object: String, code: String, access: Access)
  /// The bucket does not exist.
  case noBucket(object: String)
  /// The bucket is in another region.
  case otherRegion(object: String, region: String, asked: String)
  /// The object does not exist.
  case missing(object: String)
  /// A request failed in every attempt.
  case failed(object: String, attempts: Int, reason: String)
  /// The bytes that arrived are not those that were stored, in every attempt.
  case damaged(object: String, attempts: Int)
  /// An object is larger than a server takes in one request.
  case tooLarge(object: String, byteCount: Int)
  /// A folder is read by plain HTTP, and cannot be written to.
  case notWritable(address: String)
  /// The file on this machine cannot be read or written.
  case system(operation: String, path: String, code: Int32)
  /// The user ended the command.
  case interrupted

  /// How objects were asked for.
  public enum Access: Sendable {
    /// From a bucket, with credentials.
    case signed
    /// From a bucket, without credentials.
    case unsigned
    /// From a web server.
    case web
  }
}
