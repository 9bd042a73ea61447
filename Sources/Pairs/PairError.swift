import Catalog

/// Why pairs cannot be made.
public enum PairError: Error, Equatable, Sendable {
  /// The store has no samples.
  case emptyStore
  /// A part of the split has too few identities to form impostor pairs.
  case tooFewIdentities(role: Role, count: Int)
  /// A part has no identity with two samples.
  case noGenuinePairs(role: Role)
  /// More pairs are asked for than exist.
  case tooManyAsked(role: Role, genuine: Bool, asked: Int, existing: Int)
  /// An identity named for one side is not in the store.
  case unknownIdentity(name: String)
  /// The store has nothing of a dataset whose protocol is asked for.
  case noDataset(name: String)
  /// Several datasets of the store follow the same official protocols.
  case severalDatasets(protocols: String, names: [String])
  /// Two images of a dataset have one name and number, as when two copies of it were ingested.
  case ambiguousImage(dataset: String, path: String)
  /// A fold has too few identities to form impostor pairs.
  case smallFold(fold: Int, identities: Int)
  /// Images that a protocol's lists name are not in the store, and pairs of them cannot be compared.
  case missingImages(pairs: Int, images: [String])
  /// A trial needs more people than there are.
  case tooFewForTrials(identities: Int, ways: Int)
  /// A protocol cannot be written in the form asked for.
  case notExportable(reason: String)
  /// No protocol has this name.
  case unknownProtocol(name: String, known: [String])
  /// A list in LFW's text form names no dataset, and the store has several.
  case needsOneDataset(file: String, datasets: [String])
  /// A list in LFW's text form names images by identity and number, and these have no numbers, or poses
  /// beside them.
  case needsNumbers(file: String, dataset: String, hasPoses: Bool)
  /// A list of an official protocol is neither in the folder that was named nor beside the images.
  case listNotFound(file: String, folder: String?)
}
