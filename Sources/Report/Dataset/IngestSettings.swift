import Foundation

/// The ingest configuration of a store as text.
enum IngestSettings {
  /// The keys and values of a configuration in JSON.
  static func values(_ json: String) -> [String: String] {
    let values = (try? JSONSerialization.jsonObject(with: Data(json.utf8))) as? [String: Any]
    return (values ?? [:]).mapValues { "\($0)" }
  }
}
