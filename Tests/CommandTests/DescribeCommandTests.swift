import Foundation
import TestSupport
import Testing

/// `train describe` and the methods of convolutions.
@Suite("A description of a network", .serialized)
struct DescribeCommandTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
    try scratch.write(
      Array(
        """
        name: large-kernel
        title: One convolution with a large kernel
        source: Own work
        input: {width: 40, height: 40, channels: 3}
        tower:
          - convolution: {filters: 16, kernel: 3, padding: 1, activation: relu}
          - convolution: {filters: 16, kernel: 9, activation: relu}
          - flatten: {}
          - dense: {units: 2}
        """.utf8), to: "network.yaml")
  }

  /// Describes the network in 32-bit floats, whatever the processor's default.
  private func describe(_ arguments: String...) throws -> [[String: Any]] {
    let outcome = try Tool.train.run(
      all: [
        "describe", scratch.file("network.yaml"), "--rows", "8", "--precision", "f32", "--json",
      ] + arguments)
    #expect(outcome.code == 0, "\(outcome.error)")
    return outcome.json
  }

  @Test("lists the method of each pass with its time and the direct one, if it is measured")
  func methods() throws {
    #expect(try !describe("--convolution", "direct").contains(where: isMethod))
    let lines = try describe("--measure").filter(isMethod)
    // The first layer is too small to be measured.
    #expect(lines.map { $0["layer"] as? String } == ["1", "1", "1"])
    #expect(lines.map { $0["pass"] as? String } == ["forward", "weights", "data"])
    for line in lines {
      let (own, direct) = (line["ms"] as? Double ?? -1, line["direct_ms"] as? Double ?? -1)
      #expect(own >= 0 && direct > 0)
      #expect((line["method"] as? String == "direct") == (own == direct))
    }
  }

  @Test("states the memory of spectra")
  func memory() throws {
    func bytes(_ method: String) throws -> (all: Int, transforms: Int) {
      let summary = try #require(try describe("--convolution", method).last)
      return (
        try #require(summary["activation_bytes"] as? Int),
        try #require(summary["transform_bytes"] as? Int)
      )
    }
    // 40 x 21 frequencies of 16 channels, two floats each, for 8 images and for 16 channels.
    let least = 40 * 21 * 16 * 8 * (8 + 16)
    // The batch once, the results of both convolutions and of the dense layer with their
    // gradients. What direct convolution needs besides differs between processors.
    let images = 8 * 4 * (40 * 40 * 3 + 2 * (40 * 40 * 16 + 32 * 32 * 16 + 2))
    let (direct, frequency) = (try bytes("direct"), try bytes("frequency"))
    #expect(direct.transforms == 0 && frequency.transforms >= least)
    #expect(direct.all >= images && frequency.all >= images + frequency.transforms)
    func text(_ method: String) throws -> String {
      try Tool.train.run(
        all: ["describe", scratch.file("network.yaml"), "--rows", "8", "--convolution", method]
      ).output
    }
    #expect(try text("frequency").contains("MB for transforms and sums of convolutions"))
    #expect(try !text("direct").contains("transforms"))
  }

  private func isMethod(_ line: [String: Any]) -> Bool {
    line["message_type"] as? String == "convolution"
  }
}
