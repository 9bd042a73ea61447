internal import CKernels
import Foundation

/// The Gaussian window of local contrast normalisation, the same along rows and columns.
struct LocalContrastWindow {
  /// The weights, which sum to 1.
  let weights: [Float]
  /// How many of them lie before the pixel itself.
  let before: Int
  private let divides: Bool

  /// What is added to the local deviation.
  static let added: Float = 0.1

  /// The window for pictures with a shorter side of `side` pixels.
  ///
  /// Sigma is a sixteenth of the side. The source samples it at int(3 sigma) places between -1.5
  /// sigma and 1.5 sigma, both included, and lets SciPy convolve: when their number is even the
  /// window's middle lies half a pixel after the pixel.
  init(side: Int, isFaithful: Bool, divides: Bool) {
    // Halves go to the even number, as in Python.
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
          divides: divides ? 1 : 0, added: Self.added))
    }
  }

  /// How many floats ``apply(to:_:scratch:)`` needs.
  func scratch(for pictures: CPictures) -> Int {
    withWindow { ckernels_local_contrast_scratch(pictures, $0) }
  }

  /// Normalises pictures in place.
  func apply(
    to values: UnsafeMutablePointer<Float>, _ pictures: CPictures, scratch: FloatBuffer
  ) {
    withWindow { ckernels_local_contrast(pictures, $0, scratch.start, values) }
  }
}
