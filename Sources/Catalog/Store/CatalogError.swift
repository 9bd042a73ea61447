/// An error in a store's catalog.
public enum CatalogError: Error, Equatable, Sendable {
  /// There is no catalog in this folder.
  case missing(folder: String)
  /// The file is not a catalog of this project.
  case notACatalog(path: String, reason: String)
  /// A newer version of this project wrote the store.
  case newerFormat(path: String, found: String, supported: String)
  /// An older version of this project wrote the store, in a format that is no longer supported.
  case olderFormat(path: String, found: String, supported: String)
  /// The store was made with another ingest configuration; both are given as JSON.
  case configurationDiffers(stored: String, asked: String)
  /// Another process holds the store.
  case locked(folder: String, holder: String)
  /// A protocol of this name exists and differs in `differences`.
  case protocolExists(name: String, differences: [String])
  /// No protocol has this name.
  case noSuchProtocol(name: String, known: [String])
  /// A correction names an image that the store does not have.
  case unknownImage(dataset: String, path: String)
  /// SQLite reported an error; `message` is its text without values.
  case database(path: String, message: String)
  /// A system call failed; `code` is its `errno`.
  case system(operation: String, path: String, code: Int32)
}
