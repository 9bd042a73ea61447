import Foundation
import Shards

/// The contents of a dataset's folder.
///
/// The listing of a large dataset is not held in memory; its images are walked again whenever they
/// are needed.
public struct SourceScan: Sendable {
  /// The folder.
  public let root: String
  /// The layout of its files.
  public let manifest: DatasetManifest
  /// Whether the layout was recognised, instead of named by the user.
  public let isRecognised: Bool
  /// The selected pose; `nil` for all.
  public let pose: String?
  /// Number of images, including folders that cannot be listed.
  public let images: Int
  /// Files that are not images of this layout.
  public let ignored: CountedExamples
  /// Number of images of other poses.
  public let otherPoses: Int
  /// Empty folders, which are identities without images.
  public let emptyFolders: CountedExamples
  /// A specific layout that the majority of images follow, if the folder was given another layout.
  public let closest: ClosestLayout?
  /// The requested folder, if the dataset is in its only subfolder.
  public private(set) var enteredFrom: String?
  /// A folder taken for one identity whose images are all in subfolders; set only if this is true
  /// of all identities.
  public let nestedIdentity: String?
  /// The file of the listing, if the folder was listed before.
  private let stored: (listing: StoredListing, path: String)?
  /// All items of the walk if there are few; `nil` if the folder must be walked again.
  private let listing: [FolderWalk.Found]?
  /// The maximum number of files and folders in a listing that is kept.
  private static let listingLimit = 1 << 16
  /// The direct subfolders that are datasets of a specific layout.
  private let datasetsBelow: [(name: String, layout: String)]
  /// The subfolder that contains the identities, if all images are below it.
  private let folderOfIdentities: String?
  private let isOneFolder: Bool
  /// The prefix of all paths: the relative path from the dataset's root to this folder.
  package var prefix = ""

  /// Lists `root` and determines the layout from the paths alone.
  ///
  /// If a single subfolder contains a dataset of a specific layout, or if all images are below one
  /// folder whose subfolders are the identities, that folder is used.
  ///
  /// - Parameters:
  ///   - root: the folder.
  ///   - dataset: the layout to use; `nil` to recognise it.
  ///   - manifests: the available layouts.
  ///   - pose: the selected pose; `nil` for all.
  /// - Throws: ``DatasetError`` if the folder has no usable images or its layout is ambiguous.
  public init(
    root: String, dataset: DatasetManifest?, manifests: [DatasetManifest], pose: String? = nil
  ) throws {
    let scan = try SourceScan(at: root, dataset: dataset, manifests: manifests, pose: pose)
    guard dataset == nil, scan.manifest.isGeneral else {
      self = scan
      return
    }
    let datasets = scan.datasetsBelow
    if datasets.count > 1 { throw DatasetError.severalDatasets(path: root, folders: datasets) }
    if let only = datasets.first, !scan.isOneFolder {
      throw DatasetError.datasetBesideImages(path: root, folder: only.name, layout: only.layout)
    }
    guard let folder = datasets.first?.name ?? scan.folderOfIdentities else {
      self = scan
      return
    }
    var inner = try SourceScan(
      root: "\(root)/\(folder)", dataset: nil, manifests: manifests, pose: pose)
    inner.enteredFrom = root
    self = inner
  }

  private init(
    at root: String, dataset: DatasetManifest?, manifests: [DatasetManifest], pose: String? = nil
  ) throws {
    var survey = try Survey(dataset.map { [$0] } ?? manifests, isNamed: dataset != nil, pose: pose)
    var walk = try FolderWalk(root)
    var listing: [FolderWalk.Found]? = []
    while let found = walk.next() {
      survey.add(found)
      listing?.append(found)
      if listing?.count == Self.listingLimit { listing = nil }
    }
    if survey.needsGeneral {
      var again = try ListingSource(listing, root)
      while let found = again.next() { survey.addToGeneral(found) }
    }
    self.listing = listing
    stored = nil
    self.root = root
    self.pose = pose
    isRecognised = dataset == nil
    let tally = try survey.choose(root: root)
    manifest = tally.manifest
    guard pose == nil || tally.pattern.hasPoses else {
      throw DatasetError.noPoses(path: root, layout: manifest.name)
    }
    images = tally.images + survey.unlistable
    ignored = tally.ignored
    otherPoses = tally.otherPoses
    emptyFolders = survey.empty
    closest = survey.closest(besides: tally)
    datasetsBelow = survey.subfolders.datasets
    folderOfIdentities = survey.subfolders.folderOfIdentities
    isOneFolder = survey.subfolders.isOneFolder
    nestedIdentity = tally.manifest.isGeneral ? survey.subfolders.nested : nil
    guard images > 0 else {
      throw DatasetError.noImages(path: root, files: survey.files, layout: manifest.name)
    }
  }

  /// Takes the images of a folder from a listing; the folder is not walked.
  ///
  /// - Parameters:
  ///   - listing: what is in the file.
  ///   - path: the file.
  ///   - manifest: the layout that the listing names.
  /// - Throws: ``DatasetError`` if the folder is not there or the listing is of another layout.
  public init(
    _ listing: StoredListing, at path: String, manifest: DatasetManifest
  ) throws(DatasetError) {
    guard listing.pattern == manifest.pattern else {
      throw .otherManifest(listing: path, dataset: listing.dataset)
    }
    root = listing.root
    pose = listing.pose
    images = listing.images
    self.manifest = manifest
    stored = (listing, path)
    (isRecognised, isOneFolder, otherPoses) = (false, false, 0)
    (ignored, emptyFolders) = (CountedExamples(), CountedExamples())
    (closest, nestedIdentity, folderOfIdentities) = (nil, nil, nil)
    (self.listing, datasetsBelow) = (nil, [])
  }

  /// Whether the images come from a listing.
  public var isStored: Bool { stored != nil }

  /// Walks the images in the byte order of their paths.
  public func entries() throws -> SourceEntries {
    try entries(from: 0)
  }

  /// Walks the images from image `first` on; only a stored listing can begin elsewhere than at 0.
  package func entries(from first: Int) throws -> SourceEntries {
    SourceEntries(
      source: try source(from: first), pattern: try pathPattern, root: root, prefix: prefix,
      pose: pose)
  }

  private var pathPattern: PathPattern {
    get throws {
      try PathPattern(manifest.pattern, extensions: manifest.extensions, manifest: manifest.name)
    }
  }

  private func source(from first: Int) throws -> ListingSource {
    guard let stored else { return try ListingSource(listing, root) }
    return .stored(try StoredItems(stored.listing, at: stored.path, from: first))
  }

  /// Returns the path of the first image for `open`; `nil` if the first item is a folder.
  package func firstFile() throws -> [CChar]? {
    var entries = try entries()
    guard let first = entries.next(), first.problem == nil else { return nil }
    return first.location
  }

  /// Walks what ``entries()`` makes images of, without looking into the paths.
  func items() throws -> SourceItems {
    SourceItems(source: try source(from: 0), pattern: try pathPattern, pose: pose)
  }

  /// Whether the store already has the dataset from another folder.
  public var isFurtherFolder: Bool { !prefix.isEmpty }

  /// Returns messages about official lists next to the images that differ from those in the
  /// manifest.
  public func changedLists() -> [String] {
    manifest.lists.sorted { $0.key < $1.key }.compactMap { name, expected in
      let path = "\(root)/\(name)"
      guard let data = FileManager.default.contents(atPath: path) else { return nil }
      let found = Digest.md5(Array(data))
      return found == expected
        ? nil : "\(path) is not the official list: its MD5 is \(found), not \(expected)"
    }
  }
}
