import CommandSupport
import Ingest
import Maintenance

extension MaintenanceError: ExplainedError {
  /// The message for the user.
  public var explanation: String {
    switch self {
    case .lostCatalog(let folder):
      "\(folder) has shards but no catalog.sqlite. Put the catalog back, or ingest into another "
        + "folder with --out."
    case .badTaskStore(let folder, let reason):
      "\(folder) cannot be merged: \(reason)."
    case .partOfIngest(let folder):
      "\(folder) holds one task's share of an ingest. Join the shares with prep merge first, then "
        + "change the joined store."
    case .missingTasks(let missing, let count):
      "Of \(count) tasks these are missing: \(missing.map(String.init).joined(separator: ", ")). "
        + "Make them with prep ingest --task i/\(count) and name the stores of all tasks."
    case .allRejected(let rejection, let count):
      IngestError.allRejected(rejection, count: count, isPart: false)
        + " Remove the parts before they are made with other settings."
    }
  }
}
