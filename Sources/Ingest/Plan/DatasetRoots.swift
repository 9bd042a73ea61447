import Catalog
import Datasets
import Foundation
import Imaging
import Shards

/// Where datasets lie.
///
/// Paths in the store are relative to the first folder a dataset was taken from; paths from a further
/// folder begin with the relative path to that folder. Folders are compared by device and inode, then
/// by content: a path alone does not tell whether two folders are one.
struct DatasetRoots {
  /// Records where the datasets of `scans` lie and gives every further folder its prefix.
  static func claim(
    _ scans: [SourceScan], in catalog: Catalog, movedFrom: String?
  ) throws -> [SourceScan] {
    let (placed, new) = try place(
      scans, in: catalog, store: catalog.folder, movedFrom: movedFrom)
    for dataset in new { try catalog.add(dataset) }
    return placed
  }

  /// The scans with their prefixes, and the datasets that are new or were moved.
  ///
  /// - Parameters:
  ///   - scans: what was found.
  ///   - catalog: the store's catalog; `nil` where there is none yet.
  ///   - store: where the store lies or will lie; `nil` when nobody asks.
  ///   - movedFrom: where a dataset lay before, if the user says that it was moved.
  /// - Returns: both.
  /// - Throws: ``IngestError`` for a folder that is a copy of a stored one, that lies in or around
  ///   one, or whose dataset vanished.
  static func place(
    _ scans: [SourceScan], in catalog: Catalog?, store: StoreFolder?, movedFrom: String?
  ) throws -> ([SourceScan], new: [DatasetRecord]) {
    let stored = try catalog?.datasetRecords() ?? []
    var roots = DatasetRoots(catalog: catalog, store: store, movedFrom: movedFrom.map(absolute))
    for record in stored { roots.known[record.name] = record }
    for scan in scans { try roots.place(scan) }
    if let movedFrom = roots.movedFrom, !roots.isMoved {
      throw IngestError.nothingMoved(from: movedFrom, stored: stored.map(\.root))
    }
    return (roots.placed, roots.new)
  }

  private let catalog: Catalog?
  private let movedFrom: String?
  private var known: [String: DatasetRecord] = [:]
  private var placed: [SourceScan] = []
  private var new: [DatasetRecord] = []
  private var seen: Set<Seen> = []
  /// Whether the folder that is said to have moved was found, now or by an earlier run.
  private var isMoved = false
  /// The scans of the datasets that are new in this run.
  private var scans: [String: SourceScan] = [:]

  /// The folder of the store, where there is one.
  private let store: FolderPlace?

  private init(catalog: Catalog?, store: StoreFolder?, movedFrom: String?) {
    self.store = store.flatMap { FolderPlace($0.path) }
    self.catalog = catalog
    self.movedFrom = movedFrom
  }

  private struct Seen: Hashable {
    let dataset: String
    let place: FolderPlace
  }

  private mutating func place(_ scan: SourceScan) throws {
    let (name, root) = (scan.manifest.name, Self.absolute(scan.root))
    guard let here = FolderPlace(root) else { throw DatasetError.missingRoot(path: scan.root) }
    guard here != store else { throw IngestError.storeIsRoot(path: scan.root) }
    // The same folder named twice is one folder.
    guard seen.insert(Seen(dataset: name, place: here)).inserted else { return }
    let record = DatasetRecord(name: name, root: root, protocols: scan.manifest.protocols)
    guard let stored = known[name] else {
      known[name] = record
      new.append(record)
      scans[name] = scan
      return placed.append(scan)
    }
    if let movedFrom, movedFrom == stored.root {
      isMoved = true
      try checkMove(of: stored, to: root)
      known[name] = record
      new.append(record)
      return placed.append(scan)
    }
    guard let there = FolderPlace(stored.root) else {
      throw IngestError.vanishedRoot(dataset: name, stored: stored.root, asked: root)
    }
    if here == there {
      isMoved = true
      return placed.append(scan)
    }
    var scan = scan
    scan.prefix = try Self.relativePath(
      from: Self.real(stored.root), to: Self.real(root), dataset: name)
    try refuseCopy(scan, of: stored, root: root)
    placed.append(scan)
  }

  /// How many known files are compared with those of another folder.
  private static let compared = 8

  /// Refuses a folder that holds the very files of the dataset's root, unless it is known.
  private func refuseCopy(
    _ scan: SourceScan, of stored: DatasetRecord, root: String
  ) throws {
    var examples: [(path: String, bytes: Int, sha256: String)] = []
    if let first = scans[stored.name] {
      examples = try Self.examples(of: first)
    } else if let catalog {
      let isKnown: Bool
      (isKnown, examples) = (
        try catalog.knowsFiles(dataset: stored.name, prefix: scan.prefix),
        try catalog.examples(dataset: stored.name, count: Self.compared)
      )
      guard !isKnown else { return }
    }
    let same = examples.count { Self.isSame($0, in: root) == true }
    guard same == 0 || 2 * same < examples.count else {
      throw IngestError.copiedRoot(dataset: stored.name, stored: stored.root, asked: root)
    }
  }

  /// The first files of a folder that this run takes.
  private static func examples(
    of scan: SourceScan
  ) throws -> [(path: String, bytes: Int, sha256: String)] {
    try scan.entries().prefix(compared).compactMap { entry in
      let limit = SampleConfiguration.defaultMaxBytes
      guard case .success(let bytes) = SourceFile.read(entry.location, limit: limit).bytes else {
        return nil
      }
      return (entry.path, bytes.count, Digest.sha256(bytes))
    }
  }

  /// Refuses a folder as the new place of a dataset when it does not hold the known files.
  private func checkMove(of stored: DatasetRecord, to root: String) throws {
    guard let catalog else { return }
    let (examples, hasFurther) = (
      try catalog.examples(dataset: stored.name, count: Self.compared),
      try catalog.knowsFiles(dataset: stored.name, prefix: "../")
    )
    guard !hasFurther else { throw IngestError.movedWithFurtherFolders(dataset: stored.name) }
    // Some may have changed or gone since; as many others under the same names are another dataset.
    let verdicts = examples.map { Self.isSame($0, in: root) }
    let same = verdicts.count { $0 == true }
    guard examples.isEmpty || same > verdicts.count(where: { $0 == false }) else {
      let other = zip(examples, verdicts).first { $1 != true }?.0
      throw IngestError.movedDiffers(dataset: stored.name, asked: root, example: other?.path ?? "")
    }
  }

  /// Whether a known file lies in a folder with the same bytes; `nil` when it does not lie there.
  private static func isSame(
    _ file: (path: String, bytes: Int, sha256: String), in root: String
  ) -> Bool? {
    let path = Array("\(root)/\(file.path)".utf8CString)
    guard let stamp = SourceFile.stamp(path) else { return nil }
    guard stamp.bytes == file.bytes,
      case .success(let bytes) = SourceFile.read(path, limit: file.bytes).bytes
    else { return false }
    return Digest.sha256(bytes) == file.sha256
  }

  /// The relative path from one folder to another, with a slash at its end.
  static func relativePath(
    from: String, to: String, dataset: String
  ) throws -> String {
    let (old, new) = (from.split(separator: "/"), to.split(separator: "/"))
    let common = zip(old, new).prefix { $0.utf8.elementsEqual($1.utf8) }.count
    // One inside the other: a file would have two paths.
    guard common < old.count, common < new.count else {
      throw IngestError.nestedRoots(dataset: dataset, stored: from, asked: to)
    }
    return String(repeating: "../", count: old.count - common)
      + new[common...].joined(separator: "/") + "/"
  }

  private static func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }

  /// The path with every link resolved.
  private static func real(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

extension SourceScan {
  /// The scans as a store would take them: every folder once, further folders of a dataset with the
  /// relative path to them before their paths.
  public static func placed(
    _ scans: [SourceScan], in catalog: Catalog?, store: StoreFolder? = nil,
    movedFrom: String? = nil
  ) throws -> [SourceScan] {
    try DatasetRoots.place(scans, in: catalog, store: store, movedFrom: movedFrom).0
  }
}
