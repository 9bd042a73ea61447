import Foundation
import Shards

/// What lies in a dataset's folder.
///
/// The listing of a large one is never held in memory: its images
/// are walked anew whenever they are needed.
public struct SourceScan: Sendable {
  /// The folder.
  public let root: String
  /// The layout its files follow.
  public let manifest: DatasetManifest
  /// Whether the layout was recognised rather than named.
  public let isRecognised: Bool
  /// The only pose that is taken; `nil` for all.
  public let pose: String?
  /// How many images there are, folders that cannot be listed among them.
  public let images: Int
  /// Files that are no images of this layout.
  public let ignored: Examples
  /// Images of other poses.
  public let otherPoses: Int
  /// Folders with nothing in them: identities without images.
  public let emptyFolders: Examples
  /// A layout of its own that most images follow, when the folder was taken for another.
  public let closest: ClosestLayout?
  /// The folder that was named, when the dataset lies in the only folder below it.
  public private(set) var enteredFrom: String?
  /// A folder that was taken for one identity and whose images all lie in folders below it, when that
  /// is so of every identity.
  public let nestedIdentity: String?
  /// Everything the walk found, where that is little; `nil` when it has to be walked again.
  private let listing: [FolderWalk.Found]?
  /// Listings of more files and folders are not kept.
  private static let listingLimit = 1 << 16
  /// The folders right below that are datasets of a layout of their own.
  private let datasetsBelow: [(name: String, layout: String)]
  /// The folder below that holds the identities, when all images lie below it.
  private let folderOfIdentities: String?
  private let isOneFolder: Bool
  /// What goes before every path: how to come from the dataset's root to this folder.
  package var prefix = ""

  /// Lists `root` and reads the layout from the paths alone.
  ///
  /// Where one folder below holds a dataset of a layout of its own, or where all images lie below one
  /// folder whose subfolders are the identities, that one is taken.
  ///
  /// - Parameters:
  ///   - root: the folder.
  ///   - dataset: the layout to take; `nil` to recognise it.
  ///   - manifests: the layouts there are.
  ///   - pose: the only pose to take; `nil` for all.
  /// - Throws: ``DatasetError`` when the folder has nothing to take or its layout is not clear.
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
    self.root = root
    self.pose = pose
    isRecognised = dataset == nil
    let tally = try survey.choose(root: root)
    manifest = tally.manifest
    guard pose == nil || tally.pattern.tellsPoses else {
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

  /// Walks the images in the order of the bytes of their paths.
  public func entries() throws -> SourceEntries {
    SourceEntries(
      source: try ListingSource(listing, root),
      pattern: try PathPattern(
        manifest.pattern, extensions: manifest.extensions, manifest: manifest.name),
      root: root, prefix: prefix, pose: pose)
  }

  /// Whether the store has the dataset from another folder already.
  public var isFurtherFolder: Bool { !prefix.isEmpty }

  /// The official lists beside the images that are not the ones the manifest knows, in words.
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
