import Catalog

/// The reason why an ingest cannot start or continue.
public enum IngestError: Error, Sendable {
  /// Two datasets have different default samples, and no option selects one.
  case mixedSamples(first: String, second: String)
  /// One folder of a dataset is inside another, so that a file would have two paths.
  case nestedRoots(dataset: String, stored: String, asked: String)
  /// The folder of the store would be the folder of the photographs.
  case storeIsRoot(path: String)
  /// The stored folder of a dataset no longer exists.
  case vanishedRoot(dataset: String, stored: String, asked: String)
  /// The folder contains the same files that the store has from another folder.
  case copiedRoot(dataset: String, stored: String, asked: String)
  /// The new folder of a moved dataset contains different files.
  case movedDiffers(dataset: String, asked: String, example: String)
  /// A dataset with several folders cannot be moved.
  case movedWithFurtherFolders(dataset: String)
  /// No dataset had the folder from which one was reportedly moved.
  case nothingMoved(from: String, stored: [String])
  /// All files of a new store, or of its first shard, were rejected for one reason that depends on
  /// a setting.
  case allRejected(Rejection, count: Int)
  /// The store holds something other than this share of this listing.
  case otherTask(folder: String, stored: String, asked: String)
  /// A file was rejected and the run is strict.
  case rejected(Rejection)
}
