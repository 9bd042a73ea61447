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

    // Below a batch normalisation the gradient of a kernel is a small difference of large sums.
    @Test(
      "the gradients of convolutions below synchronised batch normalisation",
      arguments: [LossKind.contrastive, .classes], ["imagewise", "frequency"])
    func convolutions(loss: LossKind, method: String) throws {
      try recipe(.normalized, loss)
      let (alone, several) = try both(method)
      #expect(distance(alone.gradients, several.gradients) <= 1e-6)
      // The moments of images are those of one process. Layer 8 normalises the output of a dense layer,
      // whose sums depend on the number of rows.
      for (name, values) in alone.moments where !name.hasPrefix("weights.8.") {
        #expect(several.moments[name] == values, "\(name)")
      }
      #expect(alone.moments.count == 6)
      #expect(distance(alone.moments, several.moments) <= 1e-6)
      // Without it each rank has another mean; the ranks' means have different signs, so that their mean
      // loses some digits.
      let apart = try gradients(2, "--convolution", method)
      #expect(distance(alone.gradients, apart) > 1e-3)
      let first = [alone.moments, try moments("2--convolution\(method)")].map {
        $0.filter { $0.key == "weights.1.mean" }
      }
      #expect(distance(first[0], first[1]) <= 1e-5)
    }

    // oneDNN's sums over all images have another order in each rank, and Winograd's transforms round.
    @Test(
      "nearly the gradients of convolutions in other methods",
      arguments: [LossKind.contrastive, .classes], ["direct", "winograd"])
    func otherMethods(loss: LossKind, method: String) throws {
      try recipe(.normalized, loss)
      let (alone, several) = try both(method)
      #expect(distance(alone.gradients, several.gradients) <= 1e-5)
    }

    private typealias Tensors = [String: [Float]]

    /// The gradients and the running moments of one process, and of two ranks that synchronise them.
    private func both(
      _ method: String
    ) throws -> (
      alone: (gradients: Tensors, moments: Tensors), several: (gradients: Tensors, moments: Tensors)
    ) {
      let alone = try gradients(1, "--convolution", method)
      let several = try gradients(2, "--convolution", method, "--sync-batch-norm")
      return (
        (alone, try moments("1--convolution\(method)")),
        (several, try moments("2--convolution\(method)--sync-batch-norm"))
      )
    }

    private func moments(_ run: String) throws -> Tensors {
      try tensors(run, "weights.").filter {
        $0.key.hasSuffix("mean") || $0.key.hasSuffix("variance")
      }
    }
  }
}
