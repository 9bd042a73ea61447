/// Why a folder of photographs or a manifest cannot be used.
public enum DatasetError: Error, Sendable {
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
  /// Only one pose is to be taken, but the layout does not tell poses.
  case noPoses(path: String, layout: String)
  /// The folder holds a dataset of a known layout and other images beside it.
  case datasetBesideImages(path: String, folder: String, layout: String)
  /// The folder holds folders of several known layouts, each of which is a dataset.
  case severalDatasets(path: String, folders: [(name: String, layout: String)])
}
