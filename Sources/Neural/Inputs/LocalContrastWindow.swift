internal import CKernels
import Foundation

/// The Gaussian window of local contrast normalisation, the same along rows and columns.
struct LocalContrastWindow {
  /// The weights, which sum to 1.
  let weights: [Float]
  /// Number of weights before the pixel itself.
  let before: Int
  private let divides: Bool

  /// The constant epsilon to the local deviation.
  static let epsilon: Float = 0.1

  /// Creates the window for images with a shorter side of `side` pixels.
  ///
  /// Sigma is a sixteenth of the side. The source samples the Gaussian at int(3 sigma) points from
  /// -1.5 sigma to 1.5 sigma inclusive and convolves with SciPy. If the number of points is even,
  /// the centre of the window is half a pixel after the pixel.
  init(side: Int, isFaithful: Bool, divides: Bool) {
    // Rounds halves to even, as Python does.
    let sigma = max(1, (0.0625 * Double(side)).rounded(.toNearestOrEven))
    let reach = 1.5 * sigma
    let places: [Double]
    if isFaithful {
      let taps = Int(3 * sigma)
      places = (0..<taps).map { -reach + 2 * reach * Double($0) / Double(taps - 1) }
      before = (taps - 1) / 2
    } else {
      before = Int(reach.rounded(.up))
      places = (-before...before).map(Double.init)
    }
    let values = places.map { exp(-$0 * $0 / (2 * sigma * sigma)) }
    let sum = values.reduce(0, +)
    weights = values.map { Float($0 / sum) }
    self.divides = divides
  }

  private func withWindow<Result>(_ body: (CWindow) -> Result) -> Result {
    weights.withUnsafeBufferPointer { weights in
      body(
        CWindow(
          taps: weights.count, before: before, weights: weights.baseAddress,
          divides: divides ? 1 : 0, epsilon: Self.epsilon))
    }
  }

  /// Number of floats of scratch memory that ``apply(to:_:scratch:)`` needs.
  func scratch(for images: CImages) -> Int {
    withWindow { ckernels_local_contrast_scratch(images, $0) }
  }

  /// Normalises images in place.
  func apply(
    to values: UnsafeMutablePointer<Float>, _ images: CImages, scratch: FloatBuffer
  ) {
    withWindow { ckernels_local_contrast(images, $0, scratch.start, values) }
  }
}
