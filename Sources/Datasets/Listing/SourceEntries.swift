/// A sequence of the images in a folder.
public struct SourceEntries: Sequence, IteratorProtocol {
  private var source: ListingSource
  private let pattern: PathPattern
  private let root: String
  private let prefix: String
  private let pose: String?

  init(
    source: ListingSource, pattern: PathPattern, root: String, prefix: String, pose: String?
  ) {
    self.source = source
    self.pattern = pattern
    self.root = root
    self.prefix = prefix
    self.pose = pose
  }

  /// Returns the next image; `nil` at the end.
  public mutating func next() -> SourceEntry? {
    while let found = source.next() {
      switch found {
      case .empty: continue
      case .unlistable(let path, let code):
        return SourceEntry(
          path: prefix + path, location: [], identity: "", pose: nil, number: nil, problem: code)
      case .file(let path, let bytes):
        guard let match = pattern.match(path), pose == nil || match.pose == pose else { continue }
        let location = (Array(root.utf8) + [0x2F] + bytes + [0]).map { CChar(bitPattern: $0) }
        return SourceEntry(
          path: prefix + path, location: location, identity: match.identity, pose: match.pose,
          number: match.number, problem: nil)
      }
    }
    return nil
  }
}

/// A sequence of the items of a walk that are images of a layout, and of folders that cannot be
/// listed.
struct SourceItems: Sequence, IteratorProtocol {
  var source: ListingSource
  let pattern: PathPattern
  let pose: String?

  mutating func next() -> FolderWalk.Found? {
    while let found = source.next() {
      switch found {
      case .empty: continue
      case .unlistable: return found
      case .file(let path, _):
        guard let match = pattern.match(path), pose == nil || match.pose == pose else { continue }
        return found
      }
    }
    return nil
  }
}
