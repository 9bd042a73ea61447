internal import CLanczos
internal import CVips

/// Resamples images to one size.
///
/// A class because it reuses its scratch memory; each worker has its own.
package final class Resampler {
  private let width: Int
  private let height: Int
  private let method: SampleConfiguration.Resampling
  private let fit: SampleConfiguration.Fit
  private let followsPillow13: Bool
  private let path: CLanczosPath
  private let axes: AxisCache
  private var scratch: [UInt8] = []

  /// Creates a resampler to `width` x `height` pixels with the fastest code path of the processor
  /// or, for tests, another one.
  init(
    width: Int, height: Int, method: SampleConfiguration.Resampling,
    fit: SampleConfiguration.Fit = .stretch, followsPillow13: Bool = false,
    axes: AxisCache = AxisCache(), path: CLanczosPath = clanczos_best_path()
  ) {
    self.axes = axes
    self.width = width
    self.height = height
    self.method = method
    self.fit = fit
    self.followsPillow13 = followsPillow13
    self.path = path
  }

  /// Returns the image at the sample's size, or the reason why that is impossible.
  func resample(_ image: Image) -> Result<Image, ImageFailure> {
    guard changesProportion(of: image) else { return resize(image, width, height) }
    switch fit {
    case .stretch: return resize(image, width, height)
    case .crop:
      let (wide, high) = fitted(width, height, inside: image.width, image.height)
      return resize(
        image.cropped(
          left: (image.width - wide) / 2, top: (image.height - high) / 2, width: wide,
          height: high), width, height)
    case .pad:
      let (wide, high) = fitted(image.width, image.height, inside: width, height)
      return resize(image, wide, high).map { $0.padded(width: width, height: height) }
    }
  }

  /// Returns true if the aspect ratio of the image differs from the sample's by more than half a
  /// sample pixel.
  func changesProportion(of image: Image) -> Bool {
    let (wide, high) = fitted(image.width, image.height, inside: width, height)
    return wide != width || high != height
  }

  /// Returns the largest size within `width` x `height` with the aspect ratio of `wide` x `high`;
  /// each side is at least 1.
  private func fitted(
    _ wide: Int, _ high: Int, inside width: Int, _ height: Int
  ) -> (Int, Int) {
    let scale = min(Double(width) / Double(wide), Double(height) / Double(high))
    func side(_ length: Int, _ limit: Int) -> Int {
      min(limit, max(1, Int((Double(length) * scale).rounded())))
    }
    return (side(wide, width), side(high, height))
  }

  private func resize(
    _ image: Image, _ width: Int, _ height: Int
  ) -> Result<Image, ImageFailure> {
    switch method {
    case .lanczos: filter(image, CLANCZOS_LANCZOS, width, height)
    case .bilinear: filter(image, CLANCZOS_BILINEAR, width, height)
    case .decimate: decimate(image, width, height)
    case .vipsLanczos3: vips(image, width, height)
    }
  }

  private func filter(
    _ image: Image, _ filter: CLanczosFilter, _ width: Int, _ height: Int
  ) -> Result<Image, ImageFailure> {
    let channels = image.channels
    guard let across = axes.axis(from: image.width, to: width, filter),
      let down = axes.axis(from: image.height, to: height, filter)
    else { return .failure(.init(reason: .unsupported, detail: "no memory for its weights")) }
    let order =
      followsPillow13 && Self.isVerticalFirst(from: image, to: width, height)
      ? CLANCZOS_VERTICAL_FIRST : CLANCZOS_HORIZONTAL_FIRST
    let needed = clanczos_scratch_size(across.pointer, down.pointer, Int32(channels), order)
    if scratch.count < needed { scratch = [UInt8](repeating: 0, count: needed) }
    let pixels = [UInt8].filled(height * width * channels) { target in
      clanczos_resize(
        across.pointer, down.pointer, image.pixels, image.width * channels, Int32(channels),
        order, path, &scratch, target)
    }
    return .success(Image(width: width, height: height, channels: channels, pixels: pixels))
  }

  /// Returns true if Pillow 13 starts with the vertical pass: both sides change, and the height
  /// shrinks by more than twice the factor of the width.
  ///
  /// The rule was derived by comparing Pillow 12.2.0 and 13.0.0 on 26,200 pairs of sizes, and is
  /// correct for all of them.
  static func isVerticalFirst(from image: Image, to width: Int, _ height: Int) -> Bool {
    image.width != width && image.height > height
      && image.height - height > 2 * max(image.width - width, 0)
  }

  private func vips(
    _ image: Image, _ width: Int, _ height: Int
  ) -> Result<Image, ImageFailure> {
    var status: Int32 = -1
    let pixels = [UInt8].filled(height * width * image.channels) { target in
      status = cvips_lanczos3(
        image.pixels, Int32(image.width), Int32(image.height), Int32(image.channels),
        Int32(width), Int32(height), target)
    }
    guard status == 0 else {
      return .failure(.init(reason: .unsupported, detail: "libvips does not resize it"))
    }
    return .success(
      Image(width: width, height: height, channels: image.channels, pixels: pixels))
  }

  /// Returns true if taking every n-th pixel of `width` x `height` pixels gives the sample's size.
  package static func canDecimate(width: Int, height: Int, to size: (width: Int, height: Int))
    -> Bool
  {
    step(from: width, to: size.width) != nil && step(from: height, to: size.height) != nil
  }

  private func decimate(
    _ image: Image, _ width: Int, _ height: Int
  ) -> Result<Image, ImageFailure> {
    guard let across = Self.step(from: image.width, to: width),
      let down = Self.step(from: image.height, to: height)
    else {
      let detail =
        "taking every n-th pixel of \(image.width)x\(image.height) cannot give "
        + "\(width)x\(height)"
      let isSmall = image.width < width || image.height < height
      return .failure(.init(reason: isSmall ? .tooSmall : .unsupported, detail: detail))
    }
    let channels = image.channels
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * channels)
    for row in stride(from: 0, to: image.height, by: down) {
      for column in stride(from: 0, to: image.width, by: across) {
        let start = (row * image.width + column) * channels
        pixels.append(contentsOf: image.pixels[start..<start + channels])
      }
    }
    return .success(Image(width: width, height: height, channels: channels, pixels: pixels))
  }

  /// Returns the step that keeps `to` of `from` pixels, as `[::step]` does in Python.
  private static func step(from: Int, to: Int) -> Int? {
    guard from >= to else { return nil }
    return [from / to, from / to + 1].first { (from + $0 - 1) / $0 == to }
  }
}
