/// What lies in the folders right below a root, to tell a dataset from a folder of datasets.
struct Subfolders {
  /// A layout of its own.
  struct Layout {
    let name: String
    let pattern: PathPattern
  }

  private struct Tally {
    var images = 0
    /// Images right in the folder.
    var direct = 0
    /// The folders with images right below it, at most a few of them.
    var folders: Set<UTF8Name> = []
    /// By layout: how many images follow it.
    var fitting: [Int]
  }

  /// A name that is compared by its bytes.
  private struct UTF8Name: Hashable {
    let bytes: [UInt8]
  }

  private let layouts: [Layout]
  private var tallies: [UTF8Name: Tally] = [:]
  private var names: [String] = []
  /// Images right in the root.
  private var direct = 0

  /// A root with more folders than this is no folder of datasets.
  private static let folderLimit = 64

  init(_ layouts: [Layout]) { self.layouts = layouts }

  /// Counts an image.
  mutating func add(_ path: String) {
    guard let slash = path.firstIndex(of: "/") else {
      direct += 1
      return
    }
    guard names.count <= Self.folderLimit else { return }
    let name = UTF8Name(bytes: Array(path[..<slash].utf8))
    let rest = path[path.index(after: slash)...]
    if tallies[name] == nil {
      names.append(String(path[..<slash]))
      guard names.count <= Self.folderLimit else { return }
      tallies[name] = Tally(fitting: Array(repeating: 0, count: layouts.count))
    }
    tallies[name]?.images += 1
    if let inner = rest.firstIndex(of: "/") {
      if tallies[name]?.folders.count ?? 0 < 2 {
        tallies[name]?.folders.insert(UTF8Name(bytes: Array(rest[..<inner].utf8)))
      }
    } else {
      tallies[name]?.direct += 1
    }
    for (index, layout) in layouts.enumerated() {
      // One that does not follow the layout is enough to give it up.
      guard let tally = tallies[name], tally.fitting[index] == tally.images - 1,
        layout.pattern.match(String(rest)) != nil
      else { continue }
      tallies[name]?.fitting[index] += 1
    }
  }

  /// The folders that follow a layout of their own with all their images.
  var datasets: [(name: String, layout: String)] {
    guard names.count <= Self.folderLimit else { return [] }
    return names.compactMap { name in
      guard let tally = tallies[UTF8Name(bytes: Array(name.utf8))],
        let index = layouts.indices.first(where: { tally.fitting[$0] == tally.images })
      else { return nil }
      return (name, layouts[index].name)
    }
  }

  /// The only folder with images, when these lie in folders below it, so that those are the
  /// identities.
  var onlyFolderOfFolders: String? {
    guard direct == 0, names.count == 1, let name = names.first,
      let tally = tallies[UTF8Name(bytes: Array(name.utf8))], tally.direct == 0,
      tally.folders.count > 1
    else { return nil }
    return name
  }

  /// The first folder whose images all lie in several folders below it; `nil` when there is one that
  /// holds images itself.
  var nested: String? {
    guard names.count <= Self.folderLimit,
      tallies.values.allSatisfy({ $0.direct == 0 && $0.folders.count > 1 })
    else { return nil }
    return names.first
  }
}
