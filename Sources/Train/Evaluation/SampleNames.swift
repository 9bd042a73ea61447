import Catalog

/// The samples of a store by path, alone or with the dataset's name before.
struct SampleNames {
  private var byPath: [UTF8Key: Int] = [:]
  private var ambiguous: Set<UTF8Key> = []
  private let all: [Int]
  /// The samples that were dropped or replaced: protocols made before still have them.
  private var former: Set<Int> = []

  init(_ catalog: Catalog) throws(CatalogError) {
    var images: [ImageKey] = []
    try catalog.forEachImage { images.append($0) }
    all = images.map(\.id).sorted()
    for image in images {
      byPath[UTF8Key("\(image.dataset)/\(image.path)")] = image.id
      let path = UTF8Key(image.path)
      if byPath.updateValue(image.id, forKey: path) != nil { ambiguous.insert(path) }
    }
    let kept = Set(all)
    for shard in try catalog.shards()
    where try catalog.keptIds(ofShard: shard.number).count < shard.samples {
      for sample in try catalog.samples(ofShard: shard.number) where !kept.contains(sample.id) {
        former.insert(sample.id)
        // The path of a replaced sample is that of the new one.
        for path in [sample.path, "\(sample.dataset)/\(sample.path)"].map(UTF8Key.init)
        where byPath[path] == nil { byPath[path] = sample.id }
      }
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
      let known = former.union(all)
      if let id = given.first(where: { !known.contains($0) }) {
        throw failure("the store has no sample with the id \(id)")
      }
      ids = given
    case .paths(let paths):
      for path in paths {
        if ambiguous.contains(UTF8Key(path)) {
          throw failure("two datasets have an image \(path); write the dataset's name before it")
        }
        guard let id = byPath[UTF8Key(path)] else {
          throw failure("the store has no image \(path)")
        }
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
