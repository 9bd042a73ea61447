/// What a walk found, from memory where it was kept, or walked again.
enum ListingSource {
  case listing(ArraySlice<FolderWalk.Found>)
  case walk(FolderWalk)

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
      // The walk must be held once while it moves on, or all its names would be copied.
      self = .listing([])
      let found = walk.next()
      self = .walk(walk)
      return found
    }
  }
}
