internal import CLanczos

/// Brightness, contrast and sharpness of a sample.
///
/// They follow from whole sums, so that they are the same on every processor.
struct ImageQuality: Equatable {
  /// The mean luma, 0 to 255.
  let brightness: Double
  /// The standard deviation of the luma, 0 to 127.5.
  let contrast: Double
  /// The variance of the Laplacian of the luma over the pixels that are not at the edge; 0 if there are
  /// none.
  let sharpness: Double

  /// Measures a gray image.
  init(gray: Image) {
    precondition(gray.channels == 1, "the luma is measured")
    let sums = clanczos_sums(gray.pixels, gray.width, gray.height)
    let count = Double(gray.width * gray.height)
    let inner = Double(max(0, gray.width - 2) * max(0, gray.height - 2))
    func variance(_ sum: Int64, _ squares: Int64, _ count: Double) -> Double {
      guard count > 0 else { return 0 }
      return max(0, (Double(squares) - Double(sum) * Double(sum) / count) / count)
    }
    brightness = Double(sums.sum) / count
    contrast = variance(sums.sum, sums.squares, count).squareRoot()
    sharpness = variance(sums.laplacian_sum, sums.laplacian_squares, inner)
  }
}
