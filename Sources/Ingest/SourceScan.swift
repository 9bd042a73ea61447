import Catalog
import Foundation
import Shards

/// One image of a dataset before it is read.
public struct SourceEntry: Sendable, Equatable {
  /// The file, relative to the dataset's root.
  public let path: String
  /// The bytes that open it.
  let location: [CChar]
  /// The identity the path tells.
  public let identity: String
  /// The pose, where the path tells it.
  public let pose: String?
  /// The number, where the path tells it.
  public let number: Int?
  /// The `errno` of a folder that cannot be listed; such an entry is only ever rejected.
  let problem: Int32?
}

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
  var prefix = ""

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
  /// - Throws: ``IngestError`` when the folder has nothing to take or its layout is not clear.
  public init(
    root: String, dataset: DatasetManifest?, manifests: [DatasetManifest], pose: String? = nil
  ) throws(IngestError) {
    let scan = try SourceScan(at: root, dataset: dataset, manifests: manifests, pose: pose)
    guard dataset == nil, scan.manifest.isGeneral else {
      self = scan
      return
    }
    let datasets = scan.datasetsBelow
    if datasets.count > 1 { throw .severalDatasets(path: root, folders: datasets) }
    if let only = datasets.first, !scan.isOneFolder {
      throw .datasetBesideImages(path: root, folder: only.name, layout: only.layout)
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
  ) throws(IngestError) {
    var survey = try Survey(dataset.map { [$0] } ?? manifests, isNamed: dataset != nil, pose: pose)
    var walk = try FolderWalk(root)
    var listing: [FolderWalk.Found]? = []
    while let found = walk.next() {
      survey.add(found)
      listing?.append(found)
      if listing?.count == Self.listingLimit { listing = nil }
    }
    if survey.needsGeneral {
      var again = try Entries.Source(listing, root)
      while let found = again.next() { survey.addToGeneral(found) }
    }
    self.listing = listing
    self.root = root
    self.pose = pose
    isRecognised = dataset == nil
    let tally = try survey.choose(root: root)
    manifest = tally.manifest
    guard pose == nil || tally.pattern.tellsPoses else {
      throw .noPoses(path: root, layout: manifest.name)
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
      throw .noImages(path: root, files: survey.files, layout: manifest.name)
    }
  }

  /// Walks the images in the order of the bytes of their paths.
  public func entries() throws(IngestError) -> Entries {
    Entries(
      source: try Entries.Source(listing, root),
      pattern: try PathPattern(
        manifest.pattern, extensions: manifest.extensions, manifest: manifest.name),
      scan: self)
  }

  /// Whether the store has the dataset from another folder already.
  public var isFurtherFolder: Bool { !prefix.isEmpty }

  /// How many identities there are, and how many of the images a store knows.
  public func census(known catalog: Catalog?) throws -> (identities: Int, known: Int) {
    var identities: Set<UTF8Key> = []
    var known = 0
    var batch: [String] = []
    for entry in try entries() {
      if entry.problem == nil { identities.insert(UTF8Key(entry.identity)) }
      batch.append(entry.path)
      guard let catalog, batch.count == Catalog.shardCapacity else { continue }
      known += try catalog.known(batch, dataset: manifest.name).count
      batch.removeAll(keepingCapacity: true)
    }
    if let catalog { known += try catalog.known(batch, dataset: manifest.name).count }
    return (identities.count, known)
  }

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

  /// The images of a scan, one after the other.
  public struct Entries: Sequence, IteratorProtocol {
    fileprivate enum Source {
      case listing(ArraySlice<FolderWalk.Found>)
      case walk(FolderWalk)

      init(_ listing: [FolderWalk.Found]?, _ root: String) throws(IngestError) {
        if let listing { self = .listing(listing[...]) } else { self = .walk(try FolderWalk(root)) }
      }

      mutating func next() -> FolderWalk.Found? {
        switch self {
        case .listing(var rest):
          self = .listing([])
          let found = rest.popFirst()
          self = .listing(rest)
          return found
        case .walk(var walk):
          // The walk must be held once while it moves on, or all its names would be copied.
          self = .listing([])
          let found = walk.next()
          self = .walk(walk)
          return found
        }
      }
    }

    fileprivate var source: Source
    fileprivate let pattern: PathPattern
    fileprivate let scan: SourceScan

    /// The next image; `nil` at the end.
    public mutating func next() -> SourceEntry? {
      while let found = source.next() {
        switch found {
        case .empty: continue
        case .unlistable(let path, let code):
          return SourceEntry(
            path: scan.prefix + path, location: [], identity: "", pose: nil, number: nil,
            problem: code)
        case .file(let path, let bytes):
          guard let match = pattern.match(path), scan.pose == nil || match.pose == scan.pose else {
            continue
          }
          let location = (Array(scan.root.utf8) + [0x2F] + bytes + [0]).map {
            CChar(bitPattern: $0)
          }
          return SourceEntry(
            path: scan.prefix + path, location: location, identity: match.identity,
            pose: match.pose, number: match.number, problem: nil)
        }
      }
      return nil
    }
  }
}
