import Foundation
import Shards
import TestSupport
import Testing

extension RanksTests {
  /// The gradients of a step, and what a training does with them.
  @Suite("train on several ranks computes")
  final class Gradients: RanksFixture {
    /// The gradients of the first step: with a rate of 1 they are the first velocities, up to the sign.
    private func gradients(_ ranks: Int, _ arguments: String...) throws -> [String: [Float]] {
      let run = "\(ranks)" + arguments.joined()
      let outcome = try train(ranks, run, ["--steps", "1"] + arguments)
      #expect(outcome.code == 0, "\(outcome.error)")
      return try tensors(run, "optimizer.")
    }

    @Test(
      "the gradients of one rank, without batch normalisation",
      arguments: LossKind.allCases)
    func plain(loss: LossKind) throws {
      try recipe(.plain, loss)
      let alone = try gradients(1)
      for ranks in [2, 4] {
        let distance = distance(alone, try gradients(ranks))
        #expect(distance <= 1e-6, "\(ranks) ranks")
      }
    }

    @Test(
      "the gradients of one rank, with synchronised batch normalisation",
      arguments: [LossKind.contrastive, .classes, .triplets])
    func normalized(loss: LossKind) throws {
      try recipe(.normalizedFeatures, loss)
      let alone = try gradients(1)
      #expect(distance(alone, try gradients(2, "--sync-batch-norm")) <= 1e-6)
      // Without it each rank has another mean, which this test must be able to see.
      #expect(distance(alone, try gradients(2)) > 1e-3)
    }

    // Below a batch normalisation the gradient of a kernel is a small difference of large sums, so it
    // depends on the order of their terms. How much, another number of threads shows.
    @Test(
      "the gradients of convolutions below synchronised batch normalisation as closely as other threads",
      arguments: [LossKind.contrastive, .classes])
    func convolutions(loss: LossKind) throws {
      try recipe(.normalized, loss)
      let alone = try gradients(1)
      let bound = 2 * distance(alone, try gradients(1, "--threads", "2"))
      #expect(bound < 1e-4)
      #expect(distance(alone, try gradients(2, "--sync-batch-norm")) <= max(1e-6, bound))
      #expect(distance(alone, try gradients(2)) > 1e-3)
      func statistics(_ run: String) throws -> [String: [Float]] {
        try tensors(run, "weights.").filter {
          $0.key.hasSuffix("mean") || $0.key.hasSuffix("variance")
        }
      }
      #expect(distance(try statistics("1"), try statistics("2--sync-batch-norm")) <= 1e-6)
      // Without it they are the means over the ranks, of which some digits are lost: the ranks' means have
      // different signs.
      let means = try ["1", "2"].map { try statistics($0).filter { $0.key == "weights.1.mean" } }
      #expect(distance(means[0], means[1]) <= 1e-5)
    }
  }
}
