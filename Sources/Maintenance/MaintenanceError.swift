import Catalog

/// The reason why a store cannot be opened for writing or merged.
public enum MaintenanceError: Error, Sendable {
  /// The folder contains shards but no catalog.
  case lostCatalog(folder: String)
  /// A part cannot be merged.
  case badTaskStore(folder: String, reason: String)
  /// The store holds one task's share of an ingest, which a merge reads.
  case partOfIngest(folder: String)
  /// Parts are missing from a merge.
  case missingTasks([Int], count: Int)
  /// All files of all parts were rejected for one reason that depends on a setting; with an example.
  case allRejected(Rejection, count: Int)
}
