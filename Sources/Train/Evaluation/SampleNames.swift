import Catalog

/// The samples of a store by path, alone or with the dataset's name before.
struct SampleNames {
  private var byPath: [String: Int] = [:]
  private var ambiguous: Set<String> = []
  private let all: [Int]

  init(_ catalog: Catalog) throws(CatalogError) {
    var images: [ImageKey] = []
    try catalog.forEachImage { images.append($0) }
    all = images.map(\.id).sorted()
    for image in images {
      byPath["\(image.dataset)/\(image.path)"] = image.id
      if byPath.updateValue(image.id, forKey: image.path) != nil { ambiguous.insert(image.path) }
    }
  }

  /// The id of each row of a file.
  ///
  /// Rows of images that are not in the store are an error: an embedding that silently belongs to
  /// nothing hides a misspelled path.
  ///
  /// - Throws: ``TrainError/badEmbeddings(path:reason:)``.
  func ids(_ names: EmbeddingTable.Names, count: Int, file: String) throws(TrainError) -> [Int] {
    func failure(_ reason: String) -> TrainError { .badEmbeddings(path: file, reason: reason) }
    var ids: [Int] = []
    switch names {
    case .all:
      guard count == all.count else {
        throw failure(
          "it does not name its samples, and has \(count) embeddings for the \(all.count) samples of "
            + "the store")
      }
      return all
    case .ids(let given):
      let known = Set(all)
      if let id = given.first(where: { !known.contains($0) }) {
        throw failure("the store has no sample with the id \(id)")
      }
      ids = given
    case .paths(let paths):
      for path in paths {
        if ambiguous.contains(path) {
          throw failure("two datasets have an image \(path); write the dataset's name before it")
        }
        guard let id = byPath[path] else { throw failure("the store has no image \(path)") }
        ids.append(id)
      }
    }
    guard ids.count == count else {
      throw failure("it has \(count) embeddings and names \(ids.count) samples")
    }
    var seen: Set<Int> = []
    if let place = ids.firstIndex(where: { !seen.insert($0).inserted }) {
      throw failure("embedding \(place + 1) is of a sample that has one already")
    }
    return ids
  }
}
