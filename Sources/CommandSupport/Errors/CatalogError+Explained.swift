import Catalog
import Configuration
import Foundation

extension CatalogError: ExplainedError {
  /// The message for the user.
  public var explanation: String {
    switch self {
    case .missing(let folder):
      "There is no store in \(folder). Make one with: prep ingest PHOTOGRAPHS --out \(folder)"
    case .notACatalog(let path, let reason):
      "\(path) is not a catalog of Twinset (\(reason)). Name another folder with --out or --shards."
    case .newerFormat(let path, let found, let supported):
      "\(path) has the store format \(found); this version reads up to \(supported). "
        + "Install a newer Twinset, or ingest again into another folder."
    case .olderFormat(let path, let found, let supported):
      "\(path) has the store format \(found) of an earlier version; this one reads format "
        + "\(supported). Ingest the photographs again into another folder."
    case .configurationDiffers(let stored, let asked):
      "The store was made with another configuration: \(Self.difference(stored, asked)). "
        + "Give the same options, or ingest into another folder with --out."
    case .locked(let folder, let holder):
      "\(folder) is being written by \(holder.isEmpty ? "another process" : holder). "
        + "Wait until it ends, or write into another folder with --out."
    case .protocolExists(let name, let differences):
      "A protocol \(name) exists and differs: \(differences.joined(separator: "; ")). "
        + "Replace it with --replace, or give this one another name with --name."
    case .noSuchProtocol(let name, let known):
      known.isEmpty
        ? "The store has no pairs, so no protocol \(name). "
          + "Make some with: prep pairs --split identity"
        : "The store has no protocol \(name)"
          + (NearestName.nearest(to: name, among: known).map { "; did you mean \($0)?" }
            ?? ". It has: \(known.joined(separator: ", ")).")
    case .unknownImage(let dataset, let path):
      "The dataset \(dataset) of this store has no image \(path), so nothing was changed. "
        + "See its paths with: prep list"
    case .database(let path, let message):
      "The catalog \(path) failed: \(message). Run the command again; what was stored is safe."
    case .system(let operation, let path, let code):
      SystemCall.explanation(operation, path, code)
    }
  }

  /// Describes the differences between two configurations, key by key.
  private static func difference(_ stored: String, _ asked: String) -> String {
    func values(_ json: String) -> [String: Any] {
      let object = try? JSONSerialization.jsonObject(with: Data(json.utf8))
      return object as? [String: Any] ?? [:]
    }
    let (one, other) = (values(stored), values(asked))
    func word(_ value: Any?) -> String { value.map { "\($0)" } ?? "none" }
    return Set(one.keys).union(other.keys).sorted()
      .filter { word(one[$0]) != word(other[$0]) }
      .map { "\($0) is \(word(one[$0])), asked for is \(word(other[$0]))" }
      .joined(separator: "; ")
  }
}
