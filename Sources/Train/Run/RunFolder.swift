import Foundation
import Shards

/// The paths of the parts of a run in its folder.
public struct RunFolder: Sendable, Equatable {
  /// The path of the folder.
  public let path: String

  /// Creates the paths of a run in the folder at `path`; nothing is read or written.
  public init(path: String) {
    self.path = path
  }

  /// The recipe with all settings.
  public var recipe: String { "\(path)/recipe.yaml" }
  /// The weights and the optimiser's memory.
  public var checkpoint: String { "\(path)/checkpoint.safetensors" }
  /// The checkpoint before the newest.
  public var previousCheckpoint: String { "\(path)/checkpoint-previous.safetensors" }
  /// The checkpoint that was best on the validation side; only if there is such a side.
  public var bestCheckpoint: String { "\(path)/best.safetensors" }
  /// The weights to use: the best on the validation side or, without one, the newest.
  public var weights: String {
    FileManager.default.fileExists(atPath: bestCheckpoint) ? bestCheckpoint : checkpoint
  }
  /// One JSON object per step and per evaluation, the same in every run with the same inputs.
  public var metrics: String { "\(path)/metrics.jsonl" }
  /// The times of steps and evaluations, one JSON object each.
  public var timing: String { "\(path)/timing.jsonl" }
  /// The identity of each class, one JSON object per class; only if the loss has classes.
  public var classes: String { "\(path)/classes.jsonl" }
  /// The inputs that determine the run.
  public var record: String { "\(path)/run.json" }
  /// The people and images that the run was trained on, one JSON object per identity.
  public var trainedOn: String { "\(path)/trained-on.jsonl" }
  /// The threshold that an evaluation chose.
  public var threshold: String { "\(path)/threshold.json" }
  /// The score that was learned at the end of the training.
  ///
  /// Only if the recipe asks for one. Before, scores are those of the loss.
  public var learnedScore: String { "\(path)/score.safetensors" }
  /// Whether the recipe asks for a learned score that the run has not: the training has not ended.
  public func lacksScore(of recipe: Recipe) -> Bool {
    recipe.score != nil && !FileManager.default.fileExists(atPath: learnedScore)
  }
  /// SHA-256 of the file of ``weights``; of no bytes if it is missing.
  public var weightsDigest: String {
    Digest.sha256(file: weights)
  }
  /// SHA-256 of what computes a score: of the file of ``weights`` and, if there is one, of that of the
  /// learned score.
  public var scorerDigest: String {
    guard FileManager.default.fileExists(atPath: learnedScore) else { return weightsDigest }
    return Digest.sha256("\(weightsDigest) \(Digest.sha256(file: learnedScore))".utf8)
  }
  /// The lock file of the process that trains in this folder.
  var lock: String { "\(path)/lock" }

  /// The folder of the evaluation report of a protocol.
  public func report(of protocolName: String) -> String { "\(path)/reports/\(protocolName)" }

  /// Whether the folder contains a run.
  public var exists: Bool { FileManager.default.fileExists(atPath: record) }

  /// Whether the folder contains a run with a checkpoint.
  public var hasCheckpoint: Bool { exists && FileManager.default.fileExists(atPath: checkpoint) }

  /// Removes what a run that was stopped before its first checkpoint left, because another run begins
  /// here.
  func removeResults() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let own = [bestCheckpoint, previousCheckpoint, classes, learnedScore]
    for file in own
      + names.filter({ $0.hasPrefix("events.out.tfevents.") }).map({ "\(path)/\($0)" })
    {
      try? FileManager.default.removeItem(atPath: file)
    }
  }

  /// Removes the unfinished files of a process that was killed.
  ///
  /// Only the process that holds the run's lock may call it.
  func removeLeftovers() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names where name.hasPrefix(DurableFile.temporaryPrefix) {
      try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }
  }
}
