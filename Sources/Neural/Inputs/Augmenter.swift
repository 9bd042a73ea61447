internal import CKernels
import Foundation
import Randomness

/// Changes samples at random.
///
/// The draws of each sample depend only on the seed and on the position of the sample in the run.
public struct Augmenter: Sendable {
  /// The position of a batch in a run.
  public struct Place: Equatable, Sendable {
    /// The seed of every random choice of the run.
    public let seed: Int
    /// The epoch, from 0.
    public let epoch: Int
    /// The step within the epoch, from 0.
    public let step: Int
    /// The rows of the step that this process computes.
    public let slice: RowSlice

    /// Creates the position of a step of a run.
    public init(seed: Int, epoch: Int, step: Int, slice: RowSlice = .all) {
      self.seed = seed
      self.epoch = epoch
      self.step = step
      self.slice = slice
    }
  }

  /// The change of one sample.
  struct Change: Equatable {
    var transform = ImageTransform.identity
    var gain = 1.0
    var offset = 0.0
    /// What is erased; the last one counts.
    var erasure: Erasure?
  }

  /// A rectangle with one value.
  ///
  /// Its place is a fraction of the space that is left beside it.
  struct Erasure: Equatable {
    /// The fraction of the image, and the width divided by the height.
    var area: Double
    var aspect: Double
    var x: Double
    var y: Double
    var value: Double
  }

  private let steps: [AugmentationStep]
  private let height: Int
  private let width: Int
  private let channels: Int
  private let border: AugmentationStep.Border

  /// Creates an augmenter of images of shape `input`.
  ///
  /// - Parameters:
  ///   - steps: the changes, in order.
  ///   - input: the shape of one sample.
  /// - Throws: ``NeuralError/badOption(what:reason:)`` for invalid options.
  public init(_ steps: [AugmentationStep], input: ActivationShape) throws(NeuralError) {
    for step in steps { try step.check() }
    let borders = Set(steps.compactMap(\.border))
    guard borders.count <= 1 else {
      throw .badOption(
        what: "augmentation",
        reason: "its steps are resampled together, so give all of them the same border")
    }
    guard case .image(let height, let width, let channels) = input else {
      throw .badOption(what: "augmentation", reason: "only images can be moved, not features")
    }
    self.steps = steps
    (self.height, self.width, self.channels) = (height, width, channels)
    border = borders.first ?? .reflect
  }

  /// Writes the changed samples.
  ///
  /// - Parameters:
  ///   - bytes: the samples, `[rows, height, width, channel]`.
  ///   - rows: the rows of the samples in the batch; the draws of a sample depend on its row.
  ///   - place: the position of the batch in the run.
  ///   - values: receives the samples, in the same shape and on the scale of the bytes, 0...255.
  public func augment(
    _ bytes: UnsafePointer<UInt8>, rows: Range<Int>, place: Place,
    to values: UnsafeMutablePointer<Float>
  ) {
    warp(bytes, by: rows.map { change(place, row: place.slice.row($0)) }, to: values)
  }

  /// The change of the sample with this number in the step.
  func change(_ place: Place, row: Int) -> Change {
    var random = RandomStream(
      seed: place.seed, "augmentation", place.epoch, place.step, row)
    var change = Change()
    for step in steps { step.draw(&random, onto: &change) }
    return change
  }

  /// Writes samples with the given changes.
  func warp(
    _ bytes: UnsafePointer<UInt8>, by changes: [Change], to values: UnsafeMutablePointer<Float>
  ) {
    let shape = CWarpShape(
      rows: changes.count, height: height, width: width, channels: channels,
      replicates: border == .replicate ? 1 : 0)
    ckernels_warp(shape, changes.map(warp), bytes, values)
  }

  /// The inverse map with the origin in the top left corner instead of the centre: the source of
  /// each pixel.
  private func warp(_ change: Change) -> CWarp {
    let (x, y) = (Double(width - 1) / 2, Double(height - 1) / 2)
    let back = change.transform.inverse
    return CWarp(
      a: back.xx, b: back.xy, c: back.dx + x - back.xx * x - back.xy * y,
      d: back.yx, e: back.yy, f: back.dy + y - back.yx * x - back.yy * y,
      gain: Float(change.gain), offset: Float(change.offset),
      erasure: change.erasure.map(erasure) ?? CErasure())
  }

  /// The pixels of a rectangle; one that is longer than the image ends at its border.
  private func erasure(_ erasure: Erasure) -> CErasure {
    let pixels = erasure.area * Double(width * height)
    let across = min(width, Int((pixels * erasure.aspect).squareRoot().rounded()))
    let down = min(height, Int((pixels / erasure.aspect).squareRoot().rounded()))
    func place(_ fraction: Double, _ free: Int) -> Int { Int(fraction * Double(free + 1)) }
    return CErasure(
      left: place(erasure.x, width - across), top: place(erasure.y, height - down),
      width: across, height: down, value: Float(erasure.value))
  }
}

extension AugmentationStep {
  /// Draws the change that the step makes to one sample.
  ///
  /// The number of draws does not depend on the options, so an option of one step does not change
  /// the draws of the next.
  func draw(_ random: inout RandomStream, onto change: inout Augmenter.Change) {
    func draw(_ range: ClosedRange<Double>) -> Double {
      range.lowerBound + (range.upperBound - range.lowerBound) * random.uniform()
    }
    func move(_ transform: ImageTransform) { change.transform = change.transform.then(transform) }
    switch self {
    case .kochAffine(let options):
      func perhaps(_ range: ClosedRange<Double>, otherwise: Double) -> Double {
        let isDrawn = random.uniform() < options.chance
        let value = draw(range)
        return isDrawn ? value : otherwise
      }
      let angle = perhaps(options.angles, otherwise: 0)
      let shear = (perhaps(options.shears, otherwise: 0), perhaps(options.shears, otherwise: 0))
      let scale = (perhaps(options.scales, otherwise: 1), perhaps(options.scales, otherwise: 1))
      let shift = (
        perhaps(options.translations, otherwise: 0), perhaps(options.translations, otherwise: 0)
      )
      move(.scale(x: scale.0, y: scale.1))
      move(.shear(x: shear.0, y: shear.1))
      move(.rotation(degrees: angle))
      move(.translation(x: shift.0, y: shift.1))
    case .shift(let options):
      let range = -options.pixels...options.pixels
      let x = draw(range)
      move(.translation(x: x, y: draw(range)))
    case .rotation(let options):
      move(.rotation(degrees: draw(-options.degrees...options.degrees)))
    case .zoom(let options):
      let factor = draw(options.from...options.to)
      move(.scale(x: factor, y: factor))
    case .flip(let options):
      if random.uniform() < options.probability ?? 0.5 { move(.flip) }
    case .brightness(let options):
      let gain = 1 + (options.factor ?? 0) * draw(-1...1)
      let offset = (options.offset ?? 0) * draw(-1...1)
      change.gain *= gain
      change.offset = change.offset * gain + offset
    case .erasing(let options):
      let isDrawn = random.uniform() < options.chance
      let erasure = Augmenter.Erasure(
        area: draw(options.areas), aspect: exp(draw(options.aspects)), x: random.uniform(),
        y: random.uniform(), value: options.value ?? 127.5)
      if isDrawn { change.erasure = erasure }
    }
  }
}
