import Configuration
import Foundation
import Neural
import TestSupport
import Testing

@testable import Train

@Suite("A network")
struct NetworkTests {
  private static let networks: [String: Network] = {
    let all = try? Network.all(in: "\(Surroundings.root)/manifests/networks")
    return Dictionary(uniqueKeysWithValues: (all ?? []).map { ($0.name, $0) })
  }()

  private func counts(
    _ name: String, _ height: Int, _ width: Int, _ channels: Int
  ) throws -> (all: Int, trainable: Int) {
    _ = try Machine.start(threads: 2)
    let network = try #require(Self.networks[name])
    let layers = try network.describe(
      input: .image(height: height, width: width, channels: channels))
    let head: Int
    if case .features(let length) = layers.last?.output {
      head = network.head?.parameters(embeddingLength: length) ?? 0
    } else {
      head = 0
    }
    return (
      layers.reduce(head) { $0 + $1.parameters }, layers.reduce(head) { $0 + $1.trainable }
    )
  }

  // The test vectors of the recipes, section 10, number 1, recomputed there from the sources.
  @Test(
    "has as many weights as its source",
    arguments: [
      ("koch2015", 105, 105, 1, 38_951_745), ("koch2015", 105, 105, 3, 38_964_545),
      ("lfw-koch", 105, 105, 3, 38_966_849), ("lfw-koch-plain", 105, 105, 3, 38_964_545),
      ("cfpw2019", 105, 105, 3, 5_033_633), ("orl-keras", 56, 46, 1, 191_618),
      ("orl-keras-faithful", 56, 46, 1, 394_046), ("hani", 64, 64, 1, 188_299),
      ("hani", 64, 64, 3, 188_299 + 360), ("chopra", 64, 64, 1, 468_275),
      ("chopra", 64, 64, 3, 468_275 + 1_470), ("chopra", 46, 46, 1, 318_275),
      ("custom", 64, 64, 1, 226_928), ("custom", 64, 64, 3, 227_216),
      ("deepid", 96, 96, 3, 52_400),
    ] as [(String, Int, Int, Int, Int)])
  func weights(name: String, height: Int, width: Int, channels: Int, expected: Int) throws {
    #expect(try counts(name, height, width, channels).all == expected)
  }

  @Test("tells trained weights from running means")
  func runningMeans() throws {
    let found = try counts("lfw-koch", 105, 105, 3)
    #expect(found.trainable == 38_965_697 && found.all - found.trainable == 1_152)
  }

  @Test("behind a transformer has the transformer's weights more")
  func transformer() throws {
    _ = try Machine.start(threads: 2)
    let network = try #require(Self.networks["chopra-stn"])
    let layers = try Network.describe(
      Array(network.tower.prefix(1)) + [.flatten],
      input: .image(height: 64, width: 64, channels: 1))
    #expect(layers[0].parameters == 110_896)
    #expect(layers[0].output == .image(height: 32, width: 32, channels: 1))
  }

  // Sections 1.2 and 2.2 of the recipes.
  @Test("has the shapes of its source, layer by layer")
  func shapes() throws {
    _ = try Machine.start(threads: 2)
    func sides(_ name: String, _ side: Int) throws -> [Int] {
      try #require(Self.networks[name]).describe(
        input: .image(height: side, width: side, channels: 3)
      ).compactMap {
        if case .image(let height, _, _) = $0.output { height } else { nil }
      }
    }
    #expect(try sides("cfpw2019", 105) == [96, 48, 42, 21, 18, 9, 6, 3])
    #expect(try sides("koch2015", 105) == [96, 48, 42, 21, 18, 9, 6])
    #expect(try sides("hani", 64) == [30, 13, 13, 8])
    #expect(try sides("chopra", 64) == [58, 29, 24, 8, 8, 4])
    #expect(try sides("custom", 64) == [62, 60, 30, 28, 26, 13, 11, 9, 4])
    #expect(try sides("deepid", 96) == [93, 31, 29, 9, 7, 2, 1])
  }

  @Test(
    "that does not fit its input is refused with the smallest input that would",
    arguments: [("deepid", 3, 81), ("hani-stn", 1, 72), ("chopra-stn", 1, 92)])
  func tooSmall(name: String, channels: Int, smallest: Int) throws {
    _ = try Machine.start(threads: 2)
    let network = try #require(Self.networks[name])
    func describe(_ side: Int) throws -> [Tower.Description] {
      try network.describe(input: .image(height: side, width: side, channels: channels))
    }
    do {
      _ = try describe(64)
      Issue.record("64 pixels were taken")
    } catch TrainError.tooSmall(let reason, let found) {
      #expect(found == smallest)
      guard case .doesNotFit(let layer, _, _, _) = reason else {
        Issue.record("\(reason)")
        return
      }
      #expect(layer == "convolution")
    }
    // The plan of shapes and the layers that are built agree at the border.
    _ = try describe(smallest)
    #expect(throws: TrainError.self) { try describe(smallest - 1) }
  }

  private func failure(_ layer: String) -> String {
    let yaml = """
      name: n
      title: t
      source: s
      input: {width: 8, height: 8, channels: 1}
      tower:
        - \(layer)
        - flatten: {}
      """
    do {
      _ = try Network.parse(yaml: yaml, path: "n.yaml")
      return "taken"
    } catch {
      return (error as? ConfigurationError)?.reason ?? "\(error)"
    }
  }

  @Test("with an unknown layer or option is refused with the nearest known one")
  func unknown() {
    #expect(failure("max-pool: {window: 2}") == "taken")
    #expect(failure("maxpool: {window: 2}").contains("did you mean max-pool?"))
    #expect(failure("convolutoin: {filters: 2, kernel: 3}").contains("did you mean convolution?"))
    #expect(failure("max-pool: {windows: 2}").contains("did you mean window?"))
    #expect(failure("convolution: {filters: 2, kernel: 3, stirde: 2}").contains("mean stride?"))
    #expect(failure("quantum: {}").contains("there is no layer quantum"))
    #expect(failure("dense: {}").contains("units"))
    #expect(
      failure("dense: {units: 1, weights: {he-normal: {}}}").hasSuffix(
        "no option weights; it is called kernel-initializer"))
    #expect(
      failure("dense: {units: 1, biases: {he-normal: {}}}").hasSuffix(
        "no option biases; it is called bias-initializer"))
    #expect(
      failure("dense: {units: 1, kernel-initializer: {he-norml: {}}}").contains("mean he-normal?"))
    #expect(
      failure("dense: {units: 1, kernel-initializer: {constant: {valu: 1}}}").contains(
        "mean value?"))
    #expect(failure("activation: {kind: relux}").contains("relux"))
  }

  @Test("is the same when it is written and read again")
  func roundTrip() throws {
    #expect(Self.networks.count == 17)
    for network in Self.networks.values {
      let yaml = try StrictYAML.encode(network)
      #expect(try Network.parse(yaml: yaml, path: "again") == network)
    }
  }
}
