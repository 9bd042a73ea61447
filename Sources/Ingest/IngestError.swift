import Catalog

/// Why an ingest cannot begin or go on.
public enum IngestError: Error, Sendable {
  /// Two datasets make different samples by default, and nothing says which to make.
  case mixedSamples(first: String, second: String)
  /// One folder of a dataset lies inside another, so that a file would have two paths.
  case nestedRoots(dataset: String, stored: String, asked: String)
  /// The store would lie in the very folder of the photographs.
  case storeIsRoot(path: String)
  /// The folder a dataset was taken from is not there any more.
  case vanishedRoot(dataset: String, stored: String, asked: String)
  /// The folder holds the very files that the store has from another one.
  case copiedRoot(dataset: String, stored: String, asked: String)
  /// The folder is said to be the dataset's in another place, and its files are others.
  case movedDiffers(dataset: String, asked: String, example: String)
  /// A dataset of several folders cannot be moved.
  case movedWithFurtherFolders(dataset: String)
  /// No dataset lay where one is said to have moved from.
  case nothingMoved(from: String, stored: [String])
  /// Every file of a new store, or of its first shard, was rejected for one reason that a setting causes.
  case allRejected(Rejection, count: Int)
  /// The store holds something else than this share of this listing.
  case otherTask(folder: String, stored: String, asked: String)
  /// A file was rejected and the run is strict.
  case rejected(Rejection)
}
