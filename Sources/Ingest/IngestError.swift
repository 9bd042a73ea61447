import Catalog
import Shards

/// Why an ingest cannot begin or go on.
public enum IngestError: Error, Sendable {
  /// Nothing lies at this path.
  case missingRoot(path: String)
  /// What lies at this path is not a folder.
  case notAFolder(path: String)
  /// The folder, or one below it, cannot be listed; `code` is its `errno`.
  case unlistable(path: String, code: Int32)
  /// The folder has no file at all.
  case emptyFolder(path: String)
  /// The folder has files, but none that the layout takes for an image.
  case noImages(path: String, files: Int, layout: String)
  /// No layout fits the folder.
  case unrecognised(path: String, example: String)
  /// More than one layout fits the folder.
  case ambiguousLayout(path: String, layouts: [String])
  /// No dataset has this name.
  case unknownDataset(name: String, known: [String])
  /// A dataset's manifest cannot be used.
  case badManifest(path: String, reason: String)
  /// Only one pose is to be taken, but the layout does not tell poses.
  case noPoses(path: String, layout: String)
  /// Two datasets make different samples by default, and nothing says which to make.
  case mixedSamples(first: String, second: String)
  /// The file of landmarks cannot be used.
  case badLandmarks(path: String, reason: String)
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
  /// The folder holds a dataset of a known layout and other images beside it.
  case datasetBesideImages(path: String, folder: String, layout: String)
  /// The folder holds folders of several known layouts, each of which is a dataset.
  case severalDatasets(path: String, folders: [(name: String, layout: String)])
  /// Every file of a new store, or of its first shard, was rejected for one reason that a setting causes.
  case allRejected(Rejection, count: Int)
  /// The store holds something else than this share of this listing.
  case otherTask(folder: String, stored: String, asked: String)
  /// A part cannot be merged.
  case badPart(folder: String, reason: String)
  /// Parts are missing from a merge.
  case missingParts([Int], count: Int)
  /// Shards lie here but no catalog that says what is in them.
  case lostCatalog(folder: String)
  /// libvips did not start.
  case decoderUnavailable
  /// A file was rejected and the run is strict.
  case rejected(Rejection)
  /// The run was interrupted; what is committed stays.
  case interrupted
  /// The catalog refused.
  case catalog(CatalogError)
  /// A shard could not be written.
  case shard(ShardError)
}
