/// The reason why a folder of photographs or a manifest cannot be used.
public enum DatasetError: Error, Sendable {
  /// There is nothing at this path.
  case missingRoot(path: String)
  /// The item at this path is not a folder.
  case notAFolder(path: String)
  /// The folder or one of its subfolders cannot be listed; `code` is its `errno`.
  case unlistable(path: String, code: Int32)
  /// The folder contains no files.
  case emptyFolder(path: String)
  /// The folder contains files, but none that the layout accepts as an image.
  case noImages(path: String, files: Int, layout: String)
  /// No layout matches the folder.
  case unrecognised(path: String, example: String)
  /// More than one layout matches the folder.
  case ambiguousLayout(path: String, layouts: [String])
  /// No dataset has this name.
  case unknownDataset(name: String, known: [String])
  /// A single pose is requested, but the layout does not distinguish poses.
  case noPoses(path: String, layout: String)
  /// The folder contains a dataset of a known layout and other images next to it.
  case datasetBesideImages(path: String, folder: String, layout: String)
  /// The folder contains subfolders of several known layouts, each of which is a dataset.
  case severalDatasets(path: String, folders: [(name: String, layout: String)])
  /// The listing at this path is missing or incomplete.
  case badListing(path: String)
  /// The listing was made with another manifest of the same name.
  case otherManifest(listing: String, dataset: String)
  /// A file of the listing is not in its folder.
  case notVisible(file: String)
}
