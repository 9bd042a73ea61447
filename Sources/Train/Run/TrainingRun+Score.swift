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
        "learns the joint Bayesian score from \(people.ids.count) images of "
          + "\(people.identities.count) people"))
    let embedder = try Embedder(run: folder, recipe: recipe, stores: data.stores, isScored: false)
    let set = try embedder.embeddings(of: people.ids)
    // Not an array by id: the ids of a second store are far from those of the first.
    let owners = Dictionary(uniqueKeysWithValues: zip(people.ids, people.owners))
    let model = try score.jointBayesian.fit(
      set.rows, people: set.ids.compactMap { owners[$0] },
      usesDirections: recipe.loss.distance == .cosine)
    try LearnedScoreFile.write(model, score, to: folder)
  }
}
