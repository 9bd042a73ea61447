import Foundation

/// Where the parts of a run lie within its folder.
public struct RunFolder: Sendable, Equatable {
  /// The folder itself.
  public let path: String

  /// A run in the folder at `path`; nothing is read or made.
  public init(path: String) {
    self.path = path
  }

  /// The recipe with every setting.
  public var recipe: String { "\(path)/recipe.yaml" }
  /// The weights and the optimiser's memory.
  public var checkpoint: String { "\(path)/checkpoint.safetensors" }
  /// One JSON object a step and an evaluation.
  public var metrics: String { "\(path)/metrics.jsonl" }
  /// Which identity each class is, one JSON object a class; only where the loss has classes.
  public var classes: String { "\(path)/classes.jsonl" }
  /// What the run is a function of.
  public var record: String { "\(path)/run.json" }
  /// The people and images it was trained on, one JSON object an identity.
  public var trainedOn: String { "\(path)/trained-on.jsonl" }
  /// The file whose lock tells that a process trains here.
  var lock: String { "\(path)/lock" }

  /// The folder of the evaluation report of a protocol.
  public func report(of protocolName: String) -> String { "\(path)/reports/\(protocolName)" }

  /// Whether a run lies here.
  public var exists: Bool { FileManager.default.fileExists(atPath: record) }
}
