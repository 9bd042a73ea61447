/// The contents of the direct subfolders of a root, to distinguish a dataset from a folder of
/// datasets.
struct Subfolders {
  /// A specific layout.
  struct Layout {
    let name: String
    let pattern: PathPattern
  }

  private struct Tally {
    var images = 0
    /// Number of images directly in the folder.
    var direct = 0
    /// The first few direct subfolders that contain images.
    var folders: Set<UTF8Name> = []
    /// Number of images that follow each layout.
    var fitting: [Int]
  }

  /// A name that is compared by its bytes.
  private struct UTF8Name: Hashable {
    let bytes: [UInt8]
  }

  private let layouts: [Layout]
  private var tallies: [UTF8Name: Tally] = [:]
  private var names: [String] = []
  /// The common path from the root of all folders with images; `nil` before the first image.
  private var common: [Substring]?
  /// The minimum number of folders between the root and an image.
  private var depth = Int.max

  /// A root with more subfolders is not a folder of datasets.
  private static let folderLimit = 64

  init(_ layouts: [Layout]) { self.layouts = layouts }

  /// Counts an image.
  mutating func add(_ path: String) {
    narrow(to: path)
    guard let slash = path.firstIndex(of: "/") else { return }
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
      // One image that does not follow the layout rules it out.
      guard let tally = tallies[name], tally.fitting[index] == tally.images - 1,
        layout.pattern.match(String(rest)) != nil
      else { continue }
      tallies[name]?.fitting[index] += 1
    }
  }

  private mutating func narrow(to path: String) {
    let folders = path.split(separator: "/").dropLast()
    depth = min(depth, folders.count)
    guard let old = common else {
      common = Array(folders)
      return
    }
    let count = zip(old, folders).prefix { $0.utf8.elementsEqual($1.utf8) }.count
    if count < old.count { common = Array(old.prefix(count)) }
  }

  /// The subfolders in which all images follow a specific layout.
  var datasets: [(name: String, layout: String)] {
    guard names.count <= Self.folderLimit else { return [] }
    return names.compactMap { name in
      guard let tally = tallies[UTF8Name(bytes: Array(name.utf8))],
        let index = layouts.indices.first(where: { tally.fitting[$0] == tally.images })
      else { return nil }
      return (name, layouts[index].name)
    }
  }

  /// The folder whose subfolders contain all images; `nil` if it is the root or contains images
  /// itself.
  ///
  /// Its subfolders are the identities.
  var folderOfIdentities: String? {
    guard let common, !common.isEmpty, depth > common.count else { return nil }
    return common.joined(separator: "/")
  }

  /// Whether all images are below one folder.
  var isOneFolder: Bool { common?.isEmpty == false }

  /// The first subfolder with all images in several folders of its own; `nil` if any subfolder
  /// contains images directly.
  var nested: String? {
    guard names.count <= Self.folderLimit,
      tallies.values.allSatisfy({ $0.direct == 0 && $0.folders.count > 1 })
    else { return nil }
    return names.first
  }
}
