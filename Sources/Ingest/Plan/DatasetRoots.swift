import Catalog
import Datasets
import Foundation
import Imaging
import Shards

/// Determines the folders of datasets.
///
/// Paths in the store are relative to the first folder of a dataset. Paths from an additional
/// folder begin with the relative path to that folder. Folders are compared by device and inode,
/// then by content, because one folder can have several paths.
struct DatasetRoots {
  /// Records the folders of the datasets of `scans` and assigns each additional folder its prefix.
  static func claim(
    _ scans: [SourceScan], in catalog: Catalog, movedFrom: String?
  ) throws -> [SourceScan] {
    let (placed, new) = try place(
      scans, in: catalog, store: catalog.folder, movedFrom: movedFrom)
    for dataset in new { try catalog.add(dataset) }
    return placed
  }

  /// Returns the scans with their prefixes, and the datasets that are new or were moved.
  ///
  /// - Parameters:
  ///   - scans: the scanned folders.
  ///   - catalog: the store's catalog; `nil` if there is none yet.
  ///   - store: the present or future folder of the store; `nil` to skip the check against it.
  ///   - movedFrom: the previous folder of a dataset, if the user states that it was moved.
  /// - Returns: both.
  /// - Throws: ``IngestError`` if a folder is a copy of a stored one, contains one or is inside
  ///   one, or if a dataset's stored folder no longer exists.
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
  /// Whether the moved folder was found, in this run or an earlier one.
  private var isMoved = false
  /// The scans of the datasets that are new in this run.
  private var scans: [String: SourceScan] = [:]

  /// The folder of the store, if there is one.
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
    // A folder given twice is used once.
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

  /// Number of known files compared with those of another folder.
  private static let compared = 8

  /// Throws if a new folder contains the same files as the dataset's root.
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

  /// Returns the first files of a folder in this run.
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

  /// Throws if the new folder of a moved dataset does not contain the known files.
  private func checkMove(of stored: DatasetRecord, to root: String) throws {
    guard let catalog else { return }
    let (examples, hasFurther) = (
      try catalog.examples(dataset: stored.name, count: Self.compared),
      try catalog.knowsFiles(dataset: stored.name, prefix: "../")
    )
    guard !hasFurther else { throw IngestError.movedWithFurtherFolders(dataset: stored.name) }
    // Some files may have changed or disappeared. If at least as many files differ as match, the
    // folder contains another dataset.
    let verdicts = examples.map { Self.isSame($0, in: root) }
    let same = verdicts.count { $0 == true }
    guard examples.isEmpty || same > verdicts.count(where: { $0 == false }) else {
      let other = zip(examples, verdicts).first { $1 != true }?.0
      throw IngestError.movedDiffers(dataset: stored.name, asked: root, example: other?.path ?? "")
    }
  }

  /// Returns true if a known file has the same bytes in a folder; `nil` if it does not exist there.
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

  /// Returns the relative path from one folder to another, with a trailing slash.
  static func relativePath(
    from: String, to: String, dataset: String
  ) throws -> String {
    let (old, new) = (from.split(separator: "/"), to.split(separator: "/"))
    let common = zip(old, new).prefix { $0.utf8.elementsEqual($1.utf8) }.count
    // If one folder is inside the other, a file would have two paths.
    guard common < old.count, common < new.count else {
      throw IngestError.nestedRoots(dataset: dataset, stored: from, asked: to)
    }
    return String(repeating: "../", count: old.count - common)
      + new[common...].joined(separator: "/") + "/"
  }

  private static func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }

  /// Returns the path with all links resolved.
  private static func real(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

extension SourceScan {
  /// Returns the scans as a store would use them: each folder once, and the paths of additional
  /// folders with their relative prefix.
  public static func placed(
    _ scans: [SourceScan], in catalog: Catalog?, store: StoreFolder? = nil,
    movedFrom: String? = nil
  ) throws -> [SourceScan] {
    try DatasetRoots.place(scans, in: catalog, store: store, movedFrom: movedFrom).0
  }
}
