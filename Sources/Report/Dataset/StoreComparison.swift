import Catalog

/// What one store has and another has not.
public struct StoreComparison: Codable, Sendable, Equatable {
  /// A file in one or both stores.
  public struct Entry: Codable, Sendable, Equatable {
    /// The dataset.
    public let dataset: String
    /// The file, relative to the dataset's root.
    public let path: String
  }

  /// Files with a number and the first ones by dataset and path.
  public struct Entries: Codable, Sendable, Equatable {
    /// Number of files.
    public private(set) var count = 0
    /// The first of them; at most 50.
    public private(set) var first: [Entry] = []

    mutating func add(_ entry: Entry) {
      count += 1
      if first.count < 50 { first.append(entry) }
    }
  }

  /// The path of the other store.
  public let other: String
  /// The other store's digest.
  public let otherDigest: String
  /// Number of files in both with the same bytes and the same stored pixels.
  public private(set) var same = 0
  /// Files only in this store.
  public private(set) var onlyHere = Entries()
  /// Files only in the other store.
  public private(set) var onlyThere = Entries()
  /// Number of files only in the other store whose people were taken out of this one; they are not
  /// named.
  public private(set) var forgotten = 0
  /// Files with other bytes, that is another picture under the same path.
  public private(set) var otherBytes = Entries()
  /// Files with the same bytes and other stored pixels, as after another ingest configuration.
  public private(set) var otherPixels = Entries()
  /// Files with another identity.
  public private(set) var otherIdentity = Entries()
  /// The settings that differ, with both values.
  public let settings: [String: [String]]

  private struct Key: Hashable {
    let dataset: UTF8Key
    let path: UTF8Key
  }

  /// Compares two stores by dataset and path.
  ///
  /// - Throws: ``CatalogError``.
  public init(_ catalog: Catalog, with other: Catalog) throws(CatalogError) {
    self.other = other.folder.path
    otherDigest = try other.digest()
    settings = Self.differences(
      try catalog.configuration() ?? "", try other.configuration() ?? "")
    var rest: [Key: (sha256: String, pixels: String, identity: String)] = [:]
    try other.forEachSample { sample in
      rest[Key(dataset: UTF8Key(sample.dataset), path: UTF8Key(sample.path))] = (
        sample.sha256, sample.pixelsSHA256, sample.identity
      )
    }
    try catalog.forEachSample { sample in
      let entry = Entry(dataset: sample.dataset, path: sample.path)
      let key = Key(dataset: UTF8Key(sample.dataset), path: UTF8Key(sample.path))
      guard let there = rest.removeValue(forKey: key) else { return onlyHere.add(entry) }
      if there.identity != sample.identity { otherIdentity.add(entry) }
      if there.sha256 != sample.sha256 {
        otherBytes.add(entry)
      } else if there.pixels != sample.pixelsSHA256 {
        otherPixels.add(entry)
      } else {
        same += 1
      }
    }
    let forgotten = try catalog.tombstones()
    try other.forEachSample { sample in
      let key = Key(dataset: UTF8Key(sample.dataset), path: UTF8Key(sample.path))
      guard rest[key] != nil else { return }
      let isForgotten =
        !forgotten.isEmpty
        && (forgotten.contains(
          Catalog.tombstone(dataset: sample.dataset, identity: sample.identity))
          || forgotten.contains(Catalog.tombstone(dataset: sample.dataset, path: sample.path)))
      if isForgotten {
        self.forgotten += 1
      } else {
        onlyThere.add(Entry(dataset: sample.dataset, path: sample.path))
      }
    }
  }

  private static func differences(_ one: String, _ other: String) -> [String: [String]] {
    let (one, other) = (IngestSettings.values(one), IngestSettings.values(other))
    var differences: [String: [String]] = [:]
    for key in Set(one.keys).union(other.keys) where one[key] != other[key] {
      differences[key] = [one[key] ?? "-", other[key] ?? "-"]
    }
    return differences
  }

  /// The counts as rows of a table.
  public var rows: [[String]] {
    [
      ["the same in both", same.grouped], ["only here", onlyHere.count.grouped],
      ["only there", onlyThere.count.grouped],
      ["only there, of people taken out here", forgotten.grouped],
      ["other bytes", otherBytes.count.grouped],
      ["the same bytes, other pixels", otherPixels.count.grouped],
      ["another identity", otherIdentity.count.grouped],
    ]
  }

  /// The parts of a page about it.
  var sections: [Page.Section] {
    var sections = [
      Page.Section(
        title: "Compared with another store",
        text: "The other store is \(other.isolated), digest \(otherDigest.prefix(12)).",
        table: Page.Table(heading: ["files", "number"], rows: rows))
    ]
    if !settings.isEmpty {
      sections.append(
        Page.Section(
          title: "Settings that differ",
          table: Page.Table(
            heading: ["setting", "here", "there"],
            rows: settings.sorted { $0.key < $1.key }.map { [$0.key] + $0.value })))
    }
    let lists = [
      ("Files only here", onlyHere), ("Files only there", onlyThere),
      ("Files with other bytes", otherBytes), ("Files with other pixels", otherPixels),
      ("Files with another identity", otherIdentity),
    ]
    for (title, entries) in lists where entries.count > 0 {
      sections.append(
        Page.Section(
          title: title,
          text: entries.count > entries.first.count
            ? "The first \(entries.first.count) of \(entries.count.grouped)." : "",
          table: Page.Table(
            heading: ["dataset", "path"], rows: entries.first.map { [$0.dataset, $0.path] })))
    }
    return sections
  }
}
