import Catalog

/// An error when making pairs.
public enum PairError: Error, Equatable, Sendable {
  /// The store has no samples.
  case emptyStore
  /// A part of the split has too few identities to form impostor pairs.
  case tooFewIdentities(role: Role, count: Int)
  /// A part has no identity with two samples.
  case noGenuinePairs(role: Role)
  /// The protocol lists no training pairs.
  case noListedPairs
  /// Nobody has as many images as requested.
  case emptySelection(minImages: Int)
  /// More pairs are requested than exist.
  case tooManyAsked(role: Role, genuine: Bool, asked: Int, existing: Int)
  /// An identity named for one side is not in the store.
  case unknownIdentity(name: String)
  /// The store has no samples of the dataset of a requested protocol.
  case noDataset(name: String)
  /// Several datasets of the store follow the same official protocols.
  case severalDatasets(protocols: String, names: [String])
  /// Two images of a dataset have the same name and number, for example if two copies were
  /// ingested.
  case ambiguousImage(dataset: String, path: String)
  /// A fold has too few identities to form impostor pairs.
  case smallFold(fold: Int, identities: Int)
  /// Images in a protocol's lists are not in the store, so pairs of them cannot be compared.
  case missingImages(pairs: Int, images: [String])
  /// A trial needs more people than the store has.
  case tooFewForTrials(identities: Int, ways: Int)
  /// A protocol cannot be written in the requested format.
  case notExportable(reason: String)
  /// No protocol has this name.
  case unknownProtocol(name: String, known: [String])
  /// A list in LFW's text format names no dataset, and the store has several.
  case needsOneDataset(file: String, datasets: [String])
  /// A list in LFW's text format names images by identity and number, but the images of the dataset
  /// have no numbers, or have poses in addition.
  case needsNumbers(file: String, dataset: String, hasPoses: Bool)
  /// A list of an official protocol is neither in the given folder nor next to the images.
  case listNotFound(file: String, folder: String?)
}
