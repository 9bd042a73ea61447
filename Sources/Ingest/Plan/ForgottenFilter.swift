import Catalog
import Datasets

/// Finds the images of people who were taken out of the store.
struct ForgottenFilter {
  private let tombstones: Set<String>
  /// The answers so far, by dataset and identity.
  private var answers: [String: Bool] = [:]
  /// Number of images found.
  private(set) var count = 0

  init(_ tombstones: Set<String>) { self.tombstones = tombstones }

  /// Returns true if the entry shows a forgotten person.
  mutating func contains(_ entry: SourceEntry, dataset: String) -> Bool {
    guard !tombstones.isEmpty else { return false }
    let key = "\(dataset)\n\(entry.identity)"
    let isForgotten =
      answers[key]
      ?? tombstones.contains(Catalog.tombstone(dataset: dataset, identity: entry.identity))
    answers[key] = isForgotten
    if isForgotten { count += 1 }
    return isForgotten
  }
}
