/// The items of a walk, from memory if they were kept, from a file, or from a new walk.
enum ListingSource {
  case listing(ArraySlice<FolderWalk.Found>)
  case walk(FolderWalk)
  case stored(StoredItems)

  init(_ listing: [FolderWalk.Found]?, _ root: String) throws {
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
      // Only one reference to the walk may exist while it advances, or all its names would be
      // copied.
      self = .listing([])
      let found = walk.next()
      self = .walk(walk)
      return found
    case .stored(var items):
      self = .listing([])
      let found = items.next()
      self = .stored(items)
      return found
    }
  }
}
