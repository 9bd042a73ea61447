import Catalog
import Foundation

/// The statistics of a store; the source of both the page and the JSON.
public struct DatasetStatistics: Codable, Sendable, Equatable {
  /// Number of identities with a certain number of samples.
  public struct Bin: Codable, Sendable, Equatable {
    /// Number of samples per identity.
    public let samples: Int
    /// Number of identities with that number of samples.
    public let identities: Int
  }

  /// An identity and its samples.
  public struct Person: Codable, Sendable, Equatable {
    /// The name.
    public let name: String
    /// Number of samples.
    public let samples: Int
  }

  /// One dataset of the store.
  public struct Dataset: Codable, Sendable, Equatable {
    /// The name.
    public let name: String
    /// Number of stored samples.
    public let samples: Int
    /// Number of identities.
    public let identities: Int
    /// Number of files that did not become samples.
    public let rejections: Int
    /// Number of samples with the same file or pixels as an earlier one.
    public let duplicates: Int
    /// Number of identities with two or more samples, which can form genuine pairs.
    public let identitiesWithTwo: Int
    /// Identities by their number of samples, ascending.
    public let samplesPerIdentity: [Bin]
    /// The identities with the most samples, ordered by count, then by name.
    public let mostSamples: [Person]
    /// The sizes of the originals, in pixels after orientation.
    public let originals: Originals
    /// The files that the samples were made of, by format, channels and orientation.
    public let sources: SourceCounts
    /// Brightness, contrast and sharpness; empty in stores of an earlier version.
    public let quality: [QualityStatistics]
    /// The widths of the chosen faces in pixels of the original: least, quartiles, greatest; empty if
    /// no detector looked.
    public let faceWidths: [Int]
  }

  /// The sizes of the original images of a dataset.
  public struct Originals: Codable, Sendable, Equatable {
    /// An image size and the number of samples with it.
    public struct Size: Codable, Sendable, Equatable {
      /// The width in pixels.
      public let width: Int
      /// The height in pixels.
      public let height: Int
      /// Number of samples.
      public let samples: Int
    }

    /// The most frequent sizes, by descending number of samples; at most 500.
    public let sizes: [Size]
    /// Number of different sizes.
    public let differentSizes: Int
    /// Number of samples made of an original that is narrower or lower than the sample.
    public let smaller: Int
    /// Number of samples in which a detector looked for faces, by the number of faces that it found,
    /// with two for more than one; empty if none looked.
    public let faces: [Int: Int]
  }

  /// One protocol of the store.
  public struct Comparisons: Codable, Sendable, Equatable {
    /// The protocol's name.
    public let `protocol`: String
    /// The fold; 0 if there are no folds.
    public let fold: Int
    /// Train, validation or test.
    public let role: String
    /// Number of samples of this side.
    public let samples: Int
    /// Number of genuine pairs.
    public let genuine: Int
    /// Number of impostor pairs.
    public let impostor: Int
    /// Number of pairs of its list that cannot be compared.
    public let missing: Int
  }

  /// The analysis of one protocol's pairs.
  public struct Analysis: Codable, Sendable, Equatable {
    /// The protocol's name.
    public let `protocol`: String
    /// The statistics of each role.
    public let roles: [String: PairAnalysis]
    /// The number of findings of its audit, by kind.
    public let findings: [String: Int]
    /// The first findings about two images.
    public let examples: [Finding]
    /// Number of pairs of its list that cannot be compared.
    public let missing: Int
  }

  /// A file that did not become a sample.
  public struct Rejected: Codable, Sendable, Equatable {
    /// The dataset.
    public let dataset: String
    /// The file, relative to the dataset's root.
    public let path: String
    /// The reason.
    public let reason: String
    /// Further details; may be empty.
    public let detail: String
  }

  /// The path of the store.
  public let store: String
  /// The digest of all ingested data.
  public let digest: String
  /// The configuration that turned photographs into samples, as JSON.
  public let configuration: String
  /// The versions of the libraries that made the first shard.
  public let versions: [String: String]
  /// The datasets, ordered by name.
  public let datasets: [Dataset]
  /// Number of rejections by reason.
  public let rejectionsByReason: [String: Int]
  /// Number of pairs of a sample and an earlier one that it duplicates, by kind.
  public let duplicatesByKind: [String: DuplicateCount]
  /// The first duplicates of two different identities.
  public let duplicatesAcross: [DuplicatePair]
  /// The first duplicates of one identity.
  public let duplicatesWithin: [DuplicatePair]
  /// The sides of all protocols.
  public let protocols: [Comparisons]
  /// The first rejected files, by dataset and path.
  public let rejected: [Rejected]
  /// The corrections of the user's lists.
  public let corrections: [Correction]
  /// The analyses of the protocols' pairs.
  public let analyses: [Analysis]

  /// Number of duplicates of two identities that are listed.
  private static let namedDuplicates = 50

  /// Reads the statistics of a store.
  public init(_ catalog: Catalog) throws(CatalogError) {
    store = catalog.folder.path
    digest = try catalog.digest()
    configuration = try catalog.configuration() ?? ""
    versions = try Self.versions(catalog)
    var datasets: [Dataset] = []
    for name in try catalog.datasets() { datasets.append(try Self.dataset(name, catalog)) }
    self.datasets = datasets
    rejectionsByReason = Dictionary(
      uniqueKeysWithValues: try catalog.rejectionCounts().map { ($0.key.rawValue, $0.value) })
    rejected = try Self.rejected(catalog)
    corrections = try catalog.corrections()
    duplicatesByKind = Dictionary(
      uniqueKeysWithValues: try catalog.duplicateCounts().map { ($0.key.rawValue, $0.value) })
    let pairs = try catalog.duplicatePairs()
    duplicatesAcross = Array(pairs.filter { !$0.sameIdentity }.prefix(Self.namedDuplicates))
    duplicatesWithin = Array(pairs.filter(\.sameIdentity).prefix(Self.namedDuplicates))
    analyses = try Self.analyses(catalog)
    protocols = try Self.sides(catalog)
  }

  /// The size of a sample in pixels.
  var sampleSize: SampleSize { SampleSize(configuration: configuration) }
}
