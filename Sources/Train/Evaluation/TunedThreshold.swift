import Foundation
import Shards

/// The threshold that an evaluation chose for a run, kept in the run's folder.
public struct TunedThreshold: Codable, Sendable, Equatable {
  /// The minimum score of two images of one person.
  public let threshold: Double
  /// The pairs that it was chosen on.
  public let from: String
  /// The protocol of those pairs.
  public let `protocol`: String
  /// SHA-256 of the weights, and of the learned score, that scored them.
  public let weights: String

  /// Creates a threshold of the weights and the score with this ``RunFolder/scorerDigest``.
  public init(threshold: Double, from: String, protocol name: String, weights: String) {
    self.threshold = threshold
    self.from = from
    `protocol` = name
    self.weights = weights
  }

  /// Reads the threshold of a run.
  ///
  /// - Parameters:
  ///   - folder: the run's folder.
  ///   - weights: the ``RunFolder/scorerDigest`` of what scores.
  /// - Returns: the threshold; `nil` if there is none for these weights.
  public static func read(_ folder: RunFolder, weights: String) -> TunedThreshold? {
    guard let data = FileManager.default.contents(atPath: folder.threshold),
      let threshold = try? JSONDecoder().decode(TunedThreshold.self, from: data),
      threshold.weights == weights
    else { return nil }
    return threshold
  }

  /// Writes the threshold into the folder of the run.
  public func write(to folder: RunFolder) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try DurableFile.write(Array(try encoder.encode(self)), to: folder.threshold)
  }
}
