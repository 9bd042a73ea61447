import Neural

/// A score of two embeddings that is learned from the training people after the last step.
public struct LearnedScore: Codable, Sendable, Equatable {
  /// The fit of a joint Bayesian score.
  public let jointBayesian: JointBayesianFit

  enum CodingKeys: String, CodingKey, CaseIterable {
    case jointBayesian = "joint-bayesian"
  }
}
