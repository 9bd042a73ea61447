import Foundation
import Testing

@testable import Neural

@Suite("The draws of an augmentation")
struct AugmentationDrawTests {
  private let count = 20_000

  private func changes(_ step: AugmentationStep) throws -> [Augmenter.Change] {
    let augmenter = try Augmenter([step], input: .image(height: 8, width: 8, channels: 1))
    return (0..<count).map { index in
      augmenter.change(
        Augmenter.Place(seed: 0, epoch: index / 5_000, step: index / 100 % 50), row: index % 100)
    }
  }

  /// Draws that are uniform in a range have its middle for a mean to within five standard errors,
  /// come near both ends, and have its variance of a twelfth of the square of its length.
  private func expectUniform(
    _ values: [Double], _ range: ClosedRange<Double>,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let length = range.upperBound - range.lowerBound
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
    let error = length / 12.0.squareRoot() / n.squareRoot()
    let slack = 1e-9 * length
    let (least, largest) = (values.min() ?? 0, values.max() ?? 0)
    #expect(
      least >= range.lowerBound - slack && largest <= range.upperBound + slack,
      sourceLocation: sourceLocation)
    #expect(
      least < range.lowerBound + 0.01 * length && largest > range.upperBound - 0.01 * length,
      sourceLocation: sourceLocation)
    #expect(
      abs(mean - (range.lowerBound + range.upperBound) / 2) < 5 * error,
      sourceLocation: sourceLocation)
    #expect(abs(variance / (length * length / 12) - 1) < 0.05, sourceLocation: sourceLocation)
  }

  /// A share of half, to within five standard errors.
  private func expectHalf(_ number: Int, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(
      abs(Double(number) / Double(count) - 0.5) < 2.5 / Double(count).squareRoot(),
      sourceLocation: sourceLocation)
  }

  private func koch(
    _ body: (inout AugmentationStep.KochAffineOptions) -> Void
  ) throws -> [ImageTransform] {
    var options = AugmentationStep.KochAffineOptions()
    (options.rotation, options.shear, options.translation) = (0, 0, 0)
    (options.scaleFrom, options.scaleTo) = (1, 1)
    body(&options)
    return try changes(.kochAffine(options)).map(\.transform)
  }

  // Koch, Zemel and Salakhutdinov, 2015, section 3.3.
  @Test("of Koch's distortion keep to the paper's ranges, each in half of the samples")
  func kochAffine() throws {
    let turned = try koch { $0.rotation = nil }.filter { $0 != .identity }
    expectHalf(turned.count)
    expectUniform(turned.map { atan2($0.xy, $0.xx) * 180 / .pi }, -10...10)
    for path in [\ImageTransform.xy, \.yx] {
      let sheared = try koch { $0.shear = nil }.map { $0[keyPath: path] }.filter { $0 != 0 }
      expectHalf(sheared.count)
      expectUniform(sheared, -0.3...0.3)
    }
    for path in [\ImageTransform.xx, \.yy] {
      let scaled = try koch { ($0.scaleFrom, $0.scaleTo) = (nil, nil) }
        .map { $0[keyPath: path] }.filter { $0 != 1 }
      expectHalf(scaled.count)
      expectUniform(scaled, 0.8...1.2)
    }
    for path in [\ImageTransform.dx, \.dy] {
      let shifted = try koch { $0.translation = nil }.map { $0[keyPath: path] }.filter { $0 != 0 }
      expectHalf(shifted.count)
      expectUniform(shifted, -2...2)
    }
    // All seven at once are left out together once in 2^7.
    let still = try changes(.kochAffine(.init())).count { $0.transform == .identity }
    #expect(abs(Double(still) - Double(count) / 128) < 5 * (Double(count) / 128).squareRoot())
    let always = try koch { ($0.rotation, $0.probability) = (4, 1) }
    #expect(always.allSatisfy { $0 != .identity })
    expectUniform(always.map { atan2($0.xy, $0.xx) * 180 / .pi }, -4...4)
  }

  @Test("of the other steps are uniform in their ranges")
  func others() throws {
    let shifted = try changes(.shift(.init(pixels: 3))).map(\.transform)
    expectUniform(shifted.map(\.dx), -3...3)
    expectUniform(shifted.map(\.dy), -3...3)
    let products = shifted.reduce(0) { $0 + $1.dx * $1.dy } / Double(count)
    // Of independent draws, each of variance 3: five standard errors.
    #expect(abs(products) < 5 * 3 / Double(count).squareRoot())
    let turned = try changes(.rotation(.init(degrees: 25))).map(\.transform)
    expectUniform(turned.map { atan2($0.xy, $0.xx) * 180 / .pi }, -25...25)
    let zoomed = try changes(.zoom(.init(from: 0.5, to: 2))).map(\.transform)
    expectUniform(zoomed.map(\.xx), 0.5...2)
    #expect(zoomed.allSatisfy { $0.xx == $0.yy && $0.xy == 0 && $0.dx == 0 })
    expectHalf(try changes(.flip(.init())).count { $0.transform == .flip })
    let quarter = try changes(.flip(.init(probability: 0.25))).count { $0.transform == .flip }
    #expect(abs(Double(quarter) / Double(count) - 0.25) < 0.016)
    let lit = try changes(.brightness(.init(factor: 0.2, offset: 30)))
    expectUniform(lit.map(\.gain), 0.8...1.2)
    expectUniform(lit.map(\.offset), -30...30)
    #expect(lit.allSatisfy { $0.transform == .identity })
  }

  // Zhong and others, 2020, algorithm 1; the ratio is drawn from both sides of 1 alike.
  @Test("of an erasure are a share of the samples, an area, a ratio and a place")
  func erasures() throws {
    let drawn = try changes(.erasing(.init())).compactMap(\.erasure)
    expectHalf(drawn.count)
    expectUniform(drawn.map(\.area), 0.02...0.4)
    expectUniform(drawn.map { log($0.aspect) }, -log(10.0 / 3)...log(10.0 / 3))
    expectUniform(drawn.map(\.x), 0...1)
    expectUniform(drawn.map(\.y), 0...1)
    #expect(drawn.allSatisfy { $0.value == 127.5 })
    var options = AugmentationStep.ErasingOptions()
    (options.probability, options.value) = (1, 3)
    (options.areaFrom, options.areaTo, options.aspect) = (0.1, 0.1, 1)
    let always = try changes(.erasing(options)).map(\.erasure)
    #expect(always.allSatisfy { $0?.area == 0.1 && $0?.aspect == 1 && $0?.value == 3 })
  }

  @Test("are those of the steps in turn, one map and one change of brightness")
  func turn() throws {
    let steps: [AugmentationStep] = [
      .flip(.init(probability: 1)), .shift(.init(pixels: 5)), .brightness(.init(offset: 10)),
      .brightness(.init(factor: 0.5)),
    ]
    let input = ActivationShape.image(height: 8, width: 8, channels: 1)
    let place = Augmenter.Place(seed: 5, epoch: 0, step: 0)
    let forward = try Augmenter(steps, input: input).change(place, row: 0)
    // Flipped first and then shifted: the shift is as it was drawn.
    #expect(forward.transform.xx == -1 && abs(forward.transform.dx) <= 5)
    // Added first and then multiplied: (x + o) g.
    #expect(forward.gain != 1 && abs(forward.offset / forward.gain) <= 10)
    let backward = try Augmenter(
      [.flip(.init(probability: 0)), .shift(.init(pixels: 5)), .flip(.init(probability: 1))],
      input: input
    ).change(place, row: 0)
    // The same draws; flipped after being shifted.
    #expect(backward.transform.dx == -forward.transform.dx)
    #expect(backward.transform.dy == forward.transform.dy)
  }

  @Test("are refused where options have no meaning, in one sentence")
  func refusals() throws {
    let image = ActivationShape.image(height: 8, width: 8, channels: 1)
    func koch(_ body: (inout AugmentationStep.KochAffineOptions) -> Void) -> AugmentationStep {
      var options = AugmentationStep.KochAffineOptions()
      body(&options)
      return .kochAffine(options)
    }
    func erasing(_ body: (inout AugmentationStep.ErasingOptions) -> Void) -> AugmentationStep {
      var options = AugmentationStep.ErasingOptions()
      body(&options)
      return .erasing(options)
    }
    let wrong: [(AugmentationStep, String)] = [
      (.shift(.init(pixels: -1)), "pixels"), (.shift(.init(pixels: .infinity)), "pixels"),
      (.rotation(.init(degrees: -5)), "degrees"), (.rotation(.init(degrees: 200)), "degrees"),
      (.zoom(.init(from: 1.2, to: 0.8)), "from"), (.zoom(.init(from: 0, to: 1)), "from"),
      (.flip(.init(probability: 1.5)), "probability"),
      (.flip(.init(probability: -0.1)), "probability"),
      (.brightness(.init(factor: -1)), "factor"), (.brightness(.init(offset: .nan)), "offset"),
      (koch { $0.shear = 1 }, "shear"), (koch { $0.rotation = -1 }, "rotation"),
      (koch { $0.scaleFrom = 1.5 }, "scale-from"), (koch { $0.translation = -2 }, "translation"),
      (koch { $0.probability = 2 }, "probability"),
      (erasing { $0.probability = -1 }, "probability"),
      (erasing { $0.areaFrom = 0.5 }, "area-from"),
      (erasing { $0.areaTo = 1.5 }, "area-to"), (erasing { $0.aspect = 0.5 }, "aspect"),
      (erasing { $0.value = 256 }, "value"),
    ]
    for (step, word) in wrong {
      do throws(NeuralError) {
        _ = try Augmenter([step], input: image)
        Issue.record("\(step) was taken")
      } catch {
        guard case .badOption(let what, let reason) = error else {
          Issue.record("\(error)")
          return
        }
        #expect(what == "augmentation \(step.name)" && reason.contains(word))
      }
    }
    var one = AugmentationStep.ShiftOptions(pixels: 1)
    one.border = .replicate
    var other = AugmentationStep.ZoomOptions(from: 1, to: 2)
    _ = try Augmenter([.shift(one), .zoom(other)], input: image)
    other.border = .reflect
    #expect(throws: NeuralError.self) {
      try Augmenter([.shift(one), .zoom(other)], input: image)
    }
    #expect(throws: NeuralError.self) { try Augmenter([.flip(.init())], input: .features(8)) }
  }
}
