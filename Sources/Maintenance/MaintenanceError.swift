/// Why a store cannot be opened for writing or merged.
public enum MaintenanceError: Error, Sendable {
  /// Shards lie here but no catalog that says what is in them.
  case lostCatalog(folder: String)
  /// A part cannot be merged.
  case badTaskStore(folder: String, reason: String)
  /// Parts are missing from a merge.
  case missingTasks([Int], count: Int)
}
