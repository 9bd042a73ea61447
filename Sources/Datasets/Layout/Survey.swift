/// The counts of a first walk over a folder, for every layout that may match.
struct Survey {
  /// The counts for one layout.
  struct Tally {
    let manifest: DatasetManifest
    let pattern: PathPattern
    var images = 0
    var otherPoses = 0
    var ignored = CountedExamples()
    var misfits = CountedExamples()
    /// Whether there is an image and all images follow the layout.
    var fits: Bool { images + otherPoses > 0 && misfits.count == 0 }

    /// Whether the layout is ruled out: too few images follow it.
    private var isHopeless: Bool {
      misfits.count > Survey.misfitLimit && misfits.count > images + otherPoses
    }

    /// Counts a file, unless the layout is ruled out; a layout named by the user is never ruled
    /// out.
    mutating func add(_ path: String, isImage: Bool, pose: String?, isNamed: Bool) {
      guard isNamed || !isHopeless else { return }
      if let match = pattern.match(path) {
        if pose == nil || match.pose == pose { images += 1 } else { otherPoses += 1 }
      } else {
        ignored.add(path)
        if isImage { misfits.add(path) }
      }
    }
  }

  private var tallies: [Tally] = []
  private let anyImage: PathPattern
  private let isNamed: Bool
  private let pose: String?
  /// Number of folders that cannot be listed.
  private(set) var unlistable = 0
  /// Empty folders.
  private(set) var empty = CountedExamples()
  /// Number of files of any kind.
  private(set) var files = 0
  private var firstImage: String?
  /// The contents of the direct subfolders of the root.
  private(set) var subfolders: Subfolders

  /// The number of misfits after which a layout with more misfits than matches is ruled out.
  private static let misfitLimit = 1_000

  init(_ manifests: [DatasetManifest], isNamed: Bool, pose: String?) throws {
    self.isNamed = isNamed
    self.pose = pose
    for manifest in manifests {
      let pattern = try PathPattern(
        manifest.pattern, extensions: manifest.extensions, manifest: manifest.name)
      tallies.append(Tally(manifest: manifest, pattern: pattern))
    }
    subfolders = Subfolders(
      tallies.filter { !$0.manifest.isGeneral }.map {
        Subfolders.Layout(name: $0.manifest.name, pattern: $0.pattern)
      })
    anyImage = try PathPattern(
      "{identity:.*}", extensions: Array(Set(manifests.flatMap(\.extensions))), manifest: "")
  }

  /// Whether no specific layout matches, so that a second pass must try the general ones.
  var needsGeneral: Bool {
    !isNamed && !tallies.contains { !$0.manifest.isGeneral && $0.fits }
  }

  /// Counts an item of the first walk.
  mutating func add(_ found: FolderWalk.Found) {
    switch found {
    case .unlistable: unlistable += 1
    case .empty(let path): empty.add(path)
    case .file(let path, _):
      files += 1
      let isImage = anyImage.isImage(path)
      if isImage && firstImage == nil { firstImage = path }
      for index in tallies.indices where isNamed || !tallies[index].manifest.isGeneral {
        tallies[index].add(path, isImage: isImage, pose: pose, isNamed: isNamed)
      }
    }
  }

  /// Counts an item of the second walk, for the general layouts.
  mutating func addToGeneral(_ found: FolderWalk.Found) {
    guard case .file(let path, _) = found else { return }
    let isImage = anyImage.isImage(path)
    for index in tallies.indices where tallies[index].manifest.isGeneral {
      tallies[index].add(path, isImage: isImage, pose: pose, isNamed: isNamed)
    }
    if isImage { subfolders.add(path) }
  }

  /// Returns the layout that all images follow; a specific layout takes precedence over a general
  /// one.
  func choose(root: String) throws -> Tally {
    guard files > 0 || unlistable > 0 else { throw DatasetError.emptyFolder(path: root) }
    if isNamed, let only = tallies.first { return only }
    guard let firstImage else {
      throw DatasetError.noImages(path: root, files: files, layout: "any")
    }
    let fitting = tallies.filter { $0.manifest.isGeneral == needsGeneral && $0.fits }
    if fitting.count > 1 {
      throw DatasetError.ambiguousLayout(path: root, layouts: fitting.map(\.manifest.name))
    }
    if let only = fitting.first { return only }
    let misfit = tallies.filter(\.manifest.isGeneral).compactMap(\.misfits.names.first).first
    throw DatasetError.unrecognised(path: root, example: misfit ?? firstImage)
  }

  /// Returns a specific layout that the majority of images follow, if a general one was chosen.
  func closest(besides chosen: Tally) -> ClosestLayout? {
    guard !isNamed, chosen.manifest.isGeneral else { return nil }
    let near = tallies.first { !$0.manifest.isGeneral && $0.images > $0.misfits.count }
    return near.flatMap { tally in
      tally.misfits.names.first.map {
        ClosestLayout(
          layout: tally.manifest.name, fitting: tally.images, misfits: tally.misfits.count,
          misfit: $0)
      }
    }
  }
}
