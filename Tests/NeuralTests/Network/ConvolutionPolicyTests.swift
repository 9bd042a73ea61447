import Foundation
import Testing

@testable import Neural

/// How the methods of a network's convolutions are chosen and recorded.
@Suite("The choice of methods for convolutions")
struct ConvolutionPolicyTests {
  private static let image = ActivationShape.image(height: 40, width: 40, channels: 16)

  private static let layers: [LayerSpecification] = [
    .convolution(ConvolutionOptions(filters: 16, kernel: 9, activation: .relu)),
    .convolution(ConvolutionOptions(filters: 3, kernel: 2)), .flatten,
    .dense(DenseOptions(units: 4)),
  ]

  private func tower(_ policy: ConvolutionPolicy, isTrainable: Bool = true) throws -> Tower {
    try Tower(
      Self.layers, input: Self.image, rows: 6, seed: 1, isTrainable: isTrainable,
      convolution: policy)
  }

  @Test("can be written and read as text")
  func text() throws {
    var choices = ConvolutionChoices()
    #expect(choices.description == "direct" && ConvolutionChoices("direct") == choices)
    choices["10.0.2"] = PassMethods(forward: .frequency, weights: .direct, data: .frequency)
    choices["2"] = PassMethods(forward: .direct, weights: .frequency, data: .direct)
    choices["3"] = PassMethods(.direct)
    #expect(
      choices.description == "2 direct/frequency/direct, 10.0.2 frequency/direct/frequency")
    #expect(ConvolutionChoices(choices.description) == choices)
    for text in ["", "2", "2 direct", "2 direct/direct/fast", "2 direct/direct/direct,", "x y z"] {
      #expect(ConvolutionChoices(text) == nil, "\(text)")
    }
  }

  @Test("takes the passes with the shortest sum, whose transforms are shared")
  func fastest() {
    var times = ConvolutionTimes()
    times.direct = .init(forward: 10, weights: 10, data: 10)
    times.frequency = .init(kernel: 4, input: 4, gradient: 4, forward: 3, weights: 3, data: 3)
    let all: ConvolutionPasses = [.forward, .weights, .data]
    #expect(times.fastest(all) == PassMethods(.frequency))
    #expect(times.total(PassMethods(.frequency), all) == 21)
    #expect(times.total(PassMethods(.direct), all) == 30)
    // A transform that serves one pass only is paid by it.
    #expect(times.fastest(.forward) == PassMethods(.direct))
    times.direct.data = 1
    #expect(
      times.fastest(all) == PassMethods(forward: .direct, weights: .direct, data: .direct)
        || times.fastest(all).data == .direct)
    times.frequency?.forward = 100
    #expect(times.fastest(all).forward == .direct)
  }

  @Test("is measured once for a machine and kept in a file, whatever is in it")
  func file() throws {
    let machine = try Machine.start(threads: 2)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("cache/convolutions.json").path
    let first = try tower(.measured(ConvolutionTimings(path: path, machine: machine)))
    let written = try String(contentsOfFile: path, encoding: .utf8)
    // The small convolution above is not worth a measurement.
    #expect(written.components(separatedBy: "\"direct\"").count == 2, "\(written)")
    let second = try tower(.measured(ConvolutionTimings(path: path, machine: machine)))
    #expect(first.convolutions == second.convolutions)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == written)
    // Times that say otherwise are believed.
    for slow in ["direct", "frequency"] {
      try rewriteTimes(path) { method, parts in
        parts.mapValues { _ in method == slow ? 100 : 0.25 }
      }
      let tower = try tower(.measured(ConvolutionTimings(path: path, machine: machine)))
      #expect(tower.convolutions.description.contains("frequency") == (slow == "direct"))
    }
    try "{ not JSON".write(toFile: path, atomically: true, encoding: .utf8)
    _ = try tower(.measured(ConvolutionTimings(path: path, machine: machine)))
    #expect(try String(contentsOfFile: path, encoding: .utf8).contains("\"frequency\""))
    _ = try tower(.measured(ConvolutionTimings(path: nil, machine: machine)))
  }

  @Test("keeps the kernel's spectrum in inference until the weights change")
  func version() throws {
    _ = try Machine.start(threads: 2)
    let trained = try tower(.always(.frequency))
    func weights() -> [String: (shape: [Int], values: [Float])] {
      Dictionary(
        uniqueKeysWithValues: trained.parameters.map { ($0.name, ($0.shape, $0.values.values)) })
    }
    let network = try tower(.always(.frequency), isTrainable: false)
    #expect(network.convolutions.description.hasPrefix("0 frequency/frequency/frequency"))
    for factor: Float in [1, 2] {
      for parameter in trained.parameters {
        parameter.values.replace(with: parameter.values.values.map { $0 * factor })
      }
      // A new network keeps nothing from other weights.
      let direct = try tower(.direct, isTrainable: false)
      for network in [network, direct] {
        try network.parameters.load(weights())
        for seed in 0..<2 {
          network.input.replace(with: numbers(network.input.count, "input \(seed)"))
          try network.forward(.inference)
        }
      }
      let (one, other) = (network.embeddings.values, direct.embeddings.values)
      let most = other.map(abs).max() ?? 0
      #expect(zip(one, other).allSatisfy { abs($0 - $1) < 1e-5 * most } && most > 0)
    }
  }

  @Test("takes Winograd's method where it is the fastest")
  func winograd() {
    var times = ConvolutionTimes()
    times.direct = .init(forward: 10, weights: 10, data: 10)
    times.winograd = .init(forward: 6, weights: 11, data: 7)
    let all: ConvolutionPasses = [.forward, .weights, .data]
    #expect(
      times.fastest(all)
        == PassMethods(forward: .winograd, weights: .direct, data: .winograd))
    // A transform to the frequency domain that two passes share makes both cheaper together.
    times.frequency = .init(kernel: 1, input: 1, gradient: 1, forward: 5, weights: 1, data: 2)
    #expect(times.total(PassMethods(.frequency), all) == 11)
    #expect(times.fastest(all) == PassMethods(.frequency))
    #expect(
      times.total(PassMethods(forward: .frequency, weights: .winograd, data: .direct), all) == 28)
    #expect(times.time(\.forward, .winograd) == 6 && times.time(\.forward, .frequency) == 7)
    times.winograd = nil
    #expect(times.time(\.data, .winograd) == nil && times.methods == [.direct, .frequency])
  }

  private static let planar: [LayerSpecification] = [
    .convolution(.init(filters: 6, kernel: 3)), .maxPool(.init(window: 2)), .flatten,
    .dense(.init(units: 3)),
  ]

  private func planarTower(_ policy: ConvolutionPolicy, side: Int = 20) throws -> Tower {
    try Tower(
      Self.planar, input: .image(height: side, width: side, channels: 2), rows: 64, seed: 0,
      isTrainable: true, convolution: policy)
  }

  @Test("takes a planar convolution like the other methods")
  func planarChoice() throws {
    let machine = try Machine.start(threads: 2)
    func isPlanar(_ tower: Tower) -> Bool {
      tower.chain.layers.contains { $0 is PlanarConvolution }
    }
    let direct = try planarTower(.direct)
    #expect(isPlanar(direct))
    #expect(direct.convolutions.description == "0 planar/planar/planar")
    for method in [ConvolutionMethod.frequency, .winograd] {
      let tower = try planarTower(.always(method))
      #expect(!isPlanar(tower))
      #expect(tower.convolutions["0"] == PassMethods(method))
      #expect(!isPlanar(try planarTower(.recorded(tower.convolutions))))
    }
    // Records of earlier versions do not name planar convolutions.
    let old = try planarTower(.recorded(ConvolutionChoices()))
    #expect(isPlanar(old) && old.convolutions.description == "direct")
    let apart = try #require(ConvolutionChoices("0 direct/direct/direct"))
    let tower = try planarTower(.recorded(apart))
    #expect(!isPlanar(tower) && tower.convolutions == apart)
    // A layer too small to be measured is planar.
    #expect(isPlanar(try planarTower(.measured(ConvolutionTimings(path: nil, machine: machine)))))
  }

  @Test("measures a planar convolution beside the other methods")
  func planarTimes() throws {
    let machine = try Machine.start(threads: 2)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("convolutions.json").path
    _ = try planarTower(.measured(ConvolutionTimings(path: path, machine: machine)), side: 130)
    var measured = 0
    for isFaster in [true, false] {
      try rewriteTimes(path) { _, parts in
        guard parts["together"] != nil else { return parts }
        measured += 1
        return ["together": isFaster ? 1 : 2, "apart": 1.5]
      }
      let tower = try planarTower(
        .measured(ConvolutionTimings(path: path, machine: machine)), side: 130)
      #expect(tower.chain.layers.contains { $0 is PlanarConvolution } == isFaster)
      #expect(tower.convolutions.description.contains("planar") == isFaster)
    }
    #expect(measured == 2)
  }

  /// Replaces the times of every method in a file of times.
  private func rewriteTimes(
    _ path: String, _ change: (_ method: String, [String: Double]) -> [String: Double]
  ) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let table = try #require(
      JSONSerialization.jsonObject(with: data) as? [String: [String: [String: [String: Double]]]])
    let new = table.mapValues { machine in
      machine.mapValues { times in
        Dictionary(uniqueKeysWithValues: times.map { ($0, change($0, $1)) })
      }
    }
    try JSONSerialization.data(withJSONObject: new).write(to: URL(fileURLWithPath: path))
  }
}
