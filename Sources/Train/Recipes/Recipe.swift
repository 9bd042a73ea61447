import Catalog
import Configuration
import Foundation
import Neural
import Shards

/// The configuration of a training: data, sampler, network, loss, optimiser and length.
public struct Recipe: Codable, Sendable, Equatable {
  /// The short name.
  public let name: String
  /// A description of the recipe in one line.
  public let title: String
  /// The source of the recipe.
  public let source: String
  /// What it does otherwise than its source; defaults to nothing that is known.
  public let changes: String?
  /// The datasets that the recipe is made for.
  public let datasets: [String]
  /// Whether it is taken for these datasets if the user names no recipe; defaults to false.
  public let isDefault: Bool?
  /// The numbers of training identities that it is made for; defaults to any.
  public let identities: IdentityRange?
  /// Whether it is the faithful form, with the errors of its source; defaults to false.
  public let faithful: Bool?
  /// The name of the network that the tower came from.
  public let network: String?
  /// The samples that it expects.
  public let samples: InputSamples
  /// The normalisation of the bytes of a sample; defaults to each byte / 255.
  public let normalization: InputNormalization?
  /// The random changes of samples during training; defaults to none.
  public let augmentation: [AugmentationStep]?
  /// The sampler of the steps.
  public let sampler: Sampler
  /// The layers of the tower.
  public let tower: [LayerSpecification]
  /// Number of first layers of the tower whose weights stay as they are; defaults to 0.
  public let freeze: Int?
  /// The head that compares two embeddings; defaults to none.
  public let head: Head?
  /// The loss.
  public let loss: Loss
  /// The optimiser.
  public let optimizer: OptimizerSpecification
  /// The schedule of the learning rate; defaults to constant.
  public let schedule: Schedule?
  /// The ramp of the momentum; defaults to a constant momentum.
  public let momentumRamp: MomentumRamp?
  /// The average of the weights that evaluations use; defaults to the weights themselves.
  public let weightAveraging: WeightAveraging?
  /// Whether an embedding is the mean of those of the image and of the mirrored image; defaults to
  /// false.
  public let flipAveraging: Bool?
  /// The score of two embeddings that is learned at the end; defaults to that of the loss or head.
  public internal(set) var score: LearnedScore?
  /// Number of pairs or samples per step; `nil` if the sampler defines it.
  public let batch: Int?
  /// Number of epochs of a run.
  public let epochs: Int
  /// The evaluation on the validation side; defaults to ``EvaluationPlan/default``.
  public let evaluation: EvaluationPlan?
  /// The intervals of checkpoints; defaults to ``CheckpointPlan/default``.
  public let checkpoint: CheckpointPlan?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, title, source, changes, datasets
    case isDefault = "default"
    case identities, faithful, network, samples, normalization
    case augmentation, sampler, tower, freeze, head, loss, optimizer, schedule
    case momentumRamp = "momentum-ramp"
    case weightAveraging = "weight-averaging"
    case flipAveraging = "flip-averaging"
    case score, batch, epochs, evaluation, checkpoint
  }

  /// A range of numbers of identities.
  public struct IdentityRange: Codable, Sendable, Equatable {
    /// The smallest number; defaults to 0.
    public let from: Int?
    /// The largest number; defaults to any.
    public let to: Int?

    /// Returns true if the number is in the range.
    public func contains(_ count: Int) -> Bool { (from ?? 0) <= count && count <= (to ?? .max) }
  }

  /// The name of a run's folder: recipe, protocol, seed, and the first digits of the SHA-256 of the
  /// settings, without the number of epochs, because a run may be extended.
  public func runName(protocol name: String, seed: Int) -> String {
    let settings = yaml.split(separator: "\n").filter { !$0.hasPrefix("epochs:") }
      .joined(separator: "\n")
    return "\(self.name)-\(name)-\(seed)-\(Digest.sha256(settings.utf8).prefix(6))"
  }

  /// The complete recipe as the text of a file.
  public var yaml: String {
    (try? StrictYAML.encode(self)) ?? ""
  }
}
