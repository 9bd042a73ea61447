import Catalog
import Datasets

extension SourceScan {
  /// Returns the number of identities, and the number of images that a store already has.
  public func census(known catalog: Catalog?) throws -> (identities: Int, known: Int) {
    var identities: Set<UTF8Key> = []
    var known = 0
    var batch: [String] = []
    for entry in try entries() {
      if entry.problem == nil { identities.insert(UTF8Key(entry.identity)) }
      batch.append(entry.path)
      guard let catalog, batch.count == Catalog.shardCapacity else { continue }
      known += try catalog.known(batch, dataset: manifest.name).count
      batch.removeAll(keepingCapacity: true)
    }
    if let catalog { known += try catalog.known(batch, dataset: manifest.name).count }
    return (identities.count, known)
  }
}
