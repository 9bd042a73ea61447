import Catalog
import Foundation
import Shards

/// The people and images that a run was trained on, stored in its folder: one JSON line per
/// identity.
///
/// An evaluation can use it to find out what the network was trained on even if the store has
/// changed.
struct TrainedOn {
  private struct Line: Codable {
    let dataset: String
    let identity: String
    /// The first 16 digits of the SHA-256 of each sample's pixels.
    let pixels: [String]
  }

  /// The people.
  let people: Set<DatasetPerson>
  /// Their images, by the first 16 digits of the SHA-256 of the pixels.
  let images: Set<String>

  /// Number of digits of a SHA-256 that are stored: 64 bits are enough to distinguish millions of
  /// images.
  private static let digits = 16

  private static func short(_ digest: String) -> String { String(digest.prefix(digits)) }

  /// Writes the people and images of the training side and flushes the file to disk.
  ///
  /// - Parameters:
  ///   - data: the sides of the protocol.
  ///   - trainsListedPairs: whether the sampler takes the protocol's own pairs. They may name samples
  ///     that were dropped, excluded or replaced later and are on no side any more.
  ///   - earlier: the file of the run whose weights this one began with.
  ///   - folder: the run's folder.
  /// - Throws: `CatalogError` or `ShardError`.
  static func write(
    _ data: TrainingData, trainsListedPairs: Bool, after earlier: String?, to folder: RunFolder
  ) throws {
    let listed = trainsListedPairs ? data.listed.flatMap { [$0.left, $0.right] } : []
    let wanted = Dictionary(grouping: Set(data.training.ids).union(listed)) {
      StoreSet.split($0).store
    }
    var lines: [(person: DatasetPerson, pixels: [String])] = []
    for (store, catalog) in data.stores.catalogs.enumerated() {
      var pixels: [DatasetPerson: [String]] = [:]
      let ids = (wanted[store] ?? []).map { StoreSet.split($0).own }.sorted()
      try catalog.forEachPicture(ids) { dataset, identity, digest in
        pixels[DatasetPerson(dataset: UTF8Key(dataset), identity: UTF8Key(identity)), default: []]
          .append(short(digest))
      }
      lines += pixels.sorted { one, other in
        (one.key.dataset, one.key.identity) < (other.key.dataset, other.key.identity)
      }.map { (person: $0.key, pixels: $0.value) }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = lines.map { line in
      let line = Line(
        dataset: line.person.dataset.text, identity: line.person.identity.text,
        pixels: line.pixels)
      return ((try? encoder.encode(line)).map { String(decoding: $0, as: UTF8.self) } ?? "") + "\n"
    }.joined()
    try DurableFile.write((earlier ?? "") + text, to: folder.trainedOn)
  }

  /// Reads the people and images that a run was trained on.
  ///
  /// - Throws: ``TrainError/badRun(folder:reason:)`` if the file is missing or damaged.
  init(_ folder: RunFolder) throws {
    guard let text = try? String(contentsOfFile: folder.trainedOn, encoding: .utf8) else {
      throw TrainError.badRun(
        folder: folder.path,
        reason: "\(folder.trainedOn), which says whom it was trained on, cannot be read")
    }
    try self.init(text: text, of: folder)
  }

  /// Reads the lines of such a file; `folder` is named in an error.
  init(text: String, of folder: RunFolder) throws {
    var (people, images): (Set<DatasetPerson>, Set<String>) = ([], [])
    for line in text.split(separator: "\n") {
      guard let line = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)) else {
        throw TrainError.badRun(
          folder: folder.path, reason: "a line of \(folder.trainedOn) cannot be read")
      }
      people.insert(
        DatasetPerson(dataset: UTF8Key(line.dataset), identity: UTF8Key(line.identity)))
      images.formUnion(line.pixels)
    }
    self.people = people
    self.images = images
  }

  /// Counts the people and images among some samples that the network was trained on.
  func contamination(
    of samples: Set<Int>, in catalog: Catalog
  ) throws -> Contamination {
    var (tested, seen): (Set<DatasetPerson>, Set<DatasetPerson>) = ([], [])
    var seenImages = 0
    // Samples that were dropped or replaced later are still in the protocol and are scored.
    try catalog.forEachPicture(samples.sorted()) { dataset, identity, pixels in
      let person = DatasetPerson(dataset: UTF8Key(dataset), identity: UTF8Key(identity))
      tested.insert(person)
      if people.contains(person) { seen.insert(person) }
      if images.contains(Self.short(pixels)) { seenImages += 1 }
    }
    return Contamination(identities: seen.count, images: seenImages, tested: tested.count)
  }
}
