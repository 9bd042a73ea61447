import Catalog
import Datasets

/// Finds the images of people who were taken out of the store.
struct ForgottenFilter {
  private let tombstones: Set<String>
  /// The answers so far, by dataset and identity.
  private var answers: [UTF8Key: Bool] = [:]
  /// Number of images found.
  private(set) var count = 0

  /// Whether no one was taken out.
  var isEmpty: Bool { tombstones.isEmpty }

  init(_ tombstones: Set<String>) { self.tombstones = tombstones }

  /// Returns true if the entry shows a forgotten person.
  mutating func contains(_ entry: SourceEntry, dataset: String) -> Bool {
    guard !tombstones.isEmpty else { return false }
    let key = UTF8Key("\(dataset)\n\(entry.identity)")
    let isForgotten =
      answers[key]
      ?? tombstones.contains(Catalog.tombstone(dataset: dataset, identity: entry.identity))
    answers[key] = isForgotten
    // A picture that a correction gave to a forgotten person is known by its path.
    guard
      isForgotten || tombstones.contains(Catalog.tombstone(dataset: dataset, path: entry.path))
    else { return false }
    count += 1
    return true
  }
}
