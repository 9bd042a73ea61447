internal import CKernels
import Randomness

/// Changes samples at random, each by draws of its own that follow from the seed and its place in
/// the run alone.
public struct Augmenter: Sendable {
  /// Where in a run a batch stands.
  public struct Place: Equatable, Sendable {
    /// What every random choice of the run is drawn from.
    public let seed: Int
    /// The epoch, from 0.
    public let epoch: Int
    /// The step within the epoch, from 0.
    public let step: Int

    /// A step of a run.
    public init(seed: Int, epoch: Int, step: Int) {
      self.seed = seed
      self.epoch = epoch
      self.step = step
    }
  }

  /// What becomes of one sample.
  struct Change: Equatable {
    var transform = ImageTransform.identity
    var gain = 1.0
    var offset = 0.0
  }

  private let steps: [AugmentationStep]
  private let height: Int
  private let width: Int
  private let channels: Int
  private let border: AugmentationStep.Border

  /// An augmenter of images `input`.
  ///
  /// - Parameters:
  ///   - steps: what is done to them, in turn.
  ///   - input: what one sample is.
  /// - Throws: ``NeuralError/badOption(what:reason:)`` for options without meaning.
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

  /// Writes changed samples.
  ///
  /// - Parameters:
  ///   - bytes: the samples, `[rows, height, width, channel]`.
  ///   - rows: their rows in the batch; the draws of a sample follow from its row.
  ///   - place: where the batch stands.
  ///   - values: receives the samples, of the same shape; as bytes are, around 0...255.
  public func augment(
    _ bytes: UnsafePointer<UInt8>, rows: Range<Int>, place: Place,
    to values: UnsafeMutablePointer<Float>
  ) {
    warp(bytes, by: rows.map { change(place, row: $0) }, to: values)
  }

  /// What becomes of the sample in a row of a batch.
  func change(_ place: Place, row: Int) -> Change {
    var random = RandomStream(
      seed: place.seed, "augmentation", place.epoch, place.step, row)
    var change = Change()
    for step in steps { step.draw(&random, onto: &change) }
    return change
  }

  /// Writes samples, changed as given.
  func warp(
    _ bytes: UnsafePointer<UInt8>, by changes: [Change], to values: UnsafeMutablePointer<Float>
  ) {
    let shape = CWarpShape(
      rows: changes.count, height: height, width: width, channels: channels,
      replicates: border == .replicate ? 1 : 0)
    ckernels_warp(shape, changes.map(warp), bytes, values)
  }

  /// Where each pixel's value is taken from: the map back, about the top left instead of the middle.
  private func warp(_ change: Change) -> CWarp {
    let (x, y) = (Double(width - 1) / 2, Double(height - 1) / 2)
    let back = change.transform.inverse
    return CWarp(
      a: back.xx, b: back.xy, c: back.dx + x - back.xx * x - back.xy * y,
      d: back.yx, e: back.yy, f: back.dy + y - back.yx * x - back.yy * y,
      gain: Float(change.gain), offset: Float(change.offset))
  }
}

extension AugmentationStep {
  /// Draws what the step does to one sample.
  ///
  /// As many numbers are drawn whatever they are, so that an
  /// option of one step does not change the draws of the next.
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
    }
  }
}
