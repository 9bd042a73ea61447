import Foundation
import Neural

extension TrainingRun {
  /// Learns the score that the recipe asks for from the training images.
  ///
  /// Nothing is done before the training is over, and if its weights have the score already. A score
  /// that the recipe does not ask for is removed.
  ///
  /// - Throws: ``TrainError``, ``NeuralError``; the checkpoints are complete in any case.
  func learnScore(observe: (TrainingEvent) -> Void) throws {
    guard isWriter else { return }
    guard let score = recipe.score else {
      try? FileManager.default.removeItem(atPath: folder.learnedScore)
      return
    }
    guard state.step == steps || hasStoppedEarly, !LearnedScoreFile.isCurrent(folder, score) else {
      return
    }
    let people = data.training
    observe(
      .note(
        "learning the joint Bayesian score from \(people.ids.count) images of "
          + "\(people.identities.count) people"))
    let embedder = try Embedder(run: folder, recipe: recipe, stores: data.stores, isScored: false)
    let set = try embedder.embeddings(of: people.ids)
    // Not an array by id: the ids of a second store are far from those of the first.
    let owners = Dictionary(uniqueKeysWithValues: zip(people.ids, people.owners))
    let model = try fit(
      score.jointBayesian, set.rows, people: set.ids.compactMap { owners[$0] })
    try LearnedScoreFile.write(model, score, to: folder)
  }

  /// Fits a score; an error says that the training is not lost.
  private func fit(
    _ score: JointBayesianFit, _ rows: EmbeddingRows, people: [Int]
  ) throws -> JointBayesian {
    do {
      return try score.fit(rows, people: people, usesDirections: recipe.loss.distance == .cosine)
    } catch {
      guard case .badOption(let what, let reason) = error else { throw error }
      throw NeuralError.badOption(
        what: what,
        reason: "\(reason). The training is saved; --resume --set score=none leaves the score out")
    }
  }
}
