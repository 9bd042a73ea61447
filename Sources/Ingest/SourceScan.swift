/// One image of a dataset before it is read.
public struct SourceEntry: Sendable, Equatable {
  /// The file, relative to the dataset's root.
  public let path: String
  /// The identity the path tells.
  public let identity: String
  /// The pose, where the path tells it.
  public let pose: String?
  /// The number, where the path tells it.
  public let number: Int?
}

/// What lies in a dataset's folder.
public struct SourceScan: Sendable {
  /// The folder.
  public let root: String
  /// The layout its files follow.
  public let manifest: DatasetManifest
  /// Whether the layout was recognised rather than named.
  public let isRecognised: Bool
  /// The images, sorted by the bytes of their paths.
  public let entries: [SourceEntry]
  /// Files that are no images of this layout, sorted.
  public let ignored: [String]

  /// Lists `root` and reads the layout from the paths alone.
  ///
  /// - Parameters:
  ///   - root: the folder.
  ///   - dataset: the layout to take; `nil` to recognise it.
  ///   - manifests: the layouts there are.
  /// - Throws: ``IngestError`` when the folder has nothing to take or its layout is not clear.
  public init(
    root: String, dataset: DatasetManifest?, manifests: [DatasetManifest]
  ) throws(IngestError) {
    let files = try FolderListing.files(below: root)
    guard !files.isEmpty else { throw .emptyFolder(path: root) }
    self.root = root
    isRecognised = dataset == nil
    if let dataset {
      manifest = dataset
    } else {
      manifest = try Self.recognise(files, root: root, manifests: manifests)
    }
    let pattern = try PathPattern(
      manifest.pattern, extensions: manifest.extensions, manifest: manifest.name)
    var entries: [SourceEntry] = []
    var ignored: [String] = []
    for file in files {
      if let match = pattern.match(file) {
        entries.append(
          SourceEntry(
            path: file, identity: match.identity, pose: match.pose, number: match.number))
      } else {
        ignored.append(file)
      }
    }
    guard !entries.isEmpty else {
      throw .noImages(path: root, files: files.count, layout: manifest.name)
    }
    self.entries = entries
    self.ignored = ignored
  }

  /// A layout fits when every image of the folder follows its pattern; an exact layout goes before
  /// a general one.
  private static func recognise(
    _ files: [String], root: String, manifests: [DatasetManifest]
  ) throws(IngestError) -> DatasetManifest {
    let endings = Array(Set(manifests.flatMap(\.extensions)))
    let anyImage = try PathPattern("{identity:.*}", extensions: endings, manifest: "")
    let images = files.filter { anyImage.isImage($0) }
    guard let first = images.first else {
      throw .noImages(path: root, files: files.count, layout: "any")
    }
    for general in [false, true] {
      var fitting: [DatasetManifest] = []
      for manifest in manifests where manifest.isGeneral == general {
        let pattern = try PathPattern(
          manifest.pattern, extensions: manifest.extensions, manifest: manifest.name)
        if images.allSatisfy({ pattern.match($0) != nil }) { fitting.append(manifest) }
      }
      if fitting.count > 1 {
        throw .ambiguousLayout(path: root, layouts: fitting.map(\.name))
      }
      if let only = fitting.first { return only }
    }
    var misfit: String?
    for manifest in manifests where manifest.isGeneral {
      let pattern = try PathPattern(
        manifest.pattern, extensions: manifest.extensions, manifest: manifest.name)
      misfit = misfit ?? images.first { pattern.match($0) == nil }
    }
    throw .unrecognised(path: root, example: misfit ?? first)
  }
}
