internal import CDlib
internal import CTurboJPEG
internal import CVips
import Catalog
import Foundation

/// Decodes image files: plain JPEG with libjpeg-turbo, all other files with libvips.
///
/// A class because it owns libjpeg-turbo's decoder; each worker has its own.
package final class ImageDecoder {
  private static let isStarted = cvips_start() == 0

  private let turbo: OpaquePointer
  private let budget: PixelBudget

  /// Starts libvips, once per process, and creates a decoder.
  ///
  /// - Parameter budget: limits the number of pixels that all decoders hold at once.
  /// - Throws: ``ImagingError/decoderUnavailable``.
  package init(budget: PixelBudget = PixelBudget()) throws(ImagingError) {
    guard Self.isStarted, let turbo = cturbojpeg_create() else { throw .decoderUnavailable }
    self.turbo = turbo
    self.budget = budget
  }

  deinit { cturbojpeg_destroy(turbo) }

  /// The libraries that affect the pixels, with their versions.
  ///
  /// They are read once, because the strings are stored in C buffers that each call overwrites.
  package static let versions = [
    "libvips": String(cString: cvips_version()),
    "libjpeg-turbo": String(cString: cturbojpeg_version()),
    "dlib": String(cString: cdlib_version()),
  ]

  /// The file of an image.
  struct Origin {
    /// The format, as "jpeg".
    let format: String
    /// Number of channels, with alpha.
    let channels: Int
    /// The EXIF orientation, 1 to 8.
    let orientation: Int
  }

  /// Decodes the first frame as gray or sRGB, applies its orientation, and passes the image to
  /// `body`.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - maxPixels: images with more pixels are rejected by their header.
  ///   - body: receives the image while its pixels count against the budget.
  /// - Returns: the result of `body`, or the reason why there is no image.
  func decode<Value>(
    _ bytes: [UInt8], maxPixels: Int, _ body: (Image, Origin) -> Result<Value, ImageFailure>
  ) -> Result<Value, ImageFailure> {
    guard !bytes.isEmpty else { return .failure(ImageFailure(reason: .empty, detail: "")) }
    func checked(_ image: Image, _ origin: Origin) -> Result<Value, ImageFailure> {
      let least = SampleConfiguration.minSide
      guard image.width >= least, image.height >= least else {
        let detail = "\(image.width) x \(image.height) pixels"
        return .failure(
          ImageFailure(reason: .tooSmall, detail: detail, thumbnail: Thumbnail.jpeg(of: image)))
      }
      return body(image, origin)
    }
    if let header = JPEGHeader(bytes), header.isPlain, header.width * header.height <= maxPixels {
      let result = budget.withPixels(header.width * header.height) {
        decodePlainJPEG(bytes, header).map {
          checked($0, Origin(format: "jpeg", channels: header.channels, orientation: 1))
        }
      }
      if let result { return result }
    }
    return decodeWithVips(bytes, maxPixels: maxPixels, checked)
  }

  /// Decodes the first frame.
  package func decode(_ bytes: [UInt8], maxPixels: Int) -> Result<Image, ImageFailure> {
    decode(bytes, maxPixels: maxPixels) { image, _ in .success(image) }
  }

  /// Decodes an intact, plain JPEG; for any other file returns `nil`, and libvips must process it.
  func decodePlainJPEG(_ bytes: [UInt8], maxPixels: Int) -> Image? {
    guard let header = JPEGHeader(bytes), header.isPlain, header.width * header.height <= maxPixels
    else { return nil }
    return decodePlainJPEG(bytes, header)
  }

  private func decodePlainJPEG(_ bytes: [UInt8], _ header: JPEGHeader) -> Image? {
    let (width, height, channels) = (header.width, header.height, header.channels)
    var status: Int32 = -1
    let pixels = [UInt8].filled(width * height * channels) { target in
      status = cturbojpeg_decode(
        turbo, bytes, bytes.count, Int32(width), Int32(height), Int32(channels), target)
    }
    guard status == 0 else { return nil }
    return Image(width: width, height: height, channels: channels, pixels: pixels)
  }

  /// Decodes the image with libvips.
  func decodeWithVips(_ bytes: [UInt8], maxPixels: Int) -> Result<Image, ImageFailure> {
    decodeWithVips(bytes, maxPixels: maxPixels) { image, _ in .success(image) }
  }

  private func decodeWithVips<Value>(
    _ bytes: [UInt8], maxPixels: Int, _ body: (Image, Origin) -> Result<Value, ImageFailure>
  ) -> Result<Value, ImageFailure> {
    bytes.withUnsafeBytes { bytes in
      // ImageMagick, which reads BMP, decodes the pixels while opening the file.
      let bitmap = Int(cvips_bmp_pixels(bytes.baseAddress, bytes.count))
      return budget.withPixels(bitmap <= maxPixels ? bitmap : 0) {
        var opened: OpaquePointer?
        var detail = [CChar](repeating: 0, count: 512)
        let outcome = cvips_open(
          bytes.baseAddress, bytes.count, Int64(maxPixels), &opened, &detail, detail.count)
        guard outcome == CVIPS_DECODED, let opened else {
          return .failure(Self.failure(outcome, bytes, maxPixels, detail: Self.firstLine(detail)))
        }
        defer { cvips_close(opened) }
        let size = cvips_size(opened)
        let (width, height) = (Int(size.width), Int(size.height))
        return budget.withPixels(bitmap > 0 ? 0 : width * height) {
          var status: Int32 = -1
          let pixels = [UInt8].filled(width * height * Int(size.channels)) { target in
            status = cvips_read(opened, target)
          }
          guard status == 0 else {
            return .failure(Self.failure(CVIPS_DAMAGED, bytes, maxPixels, detail: ""))
          }
          return body(
            Image(width: width, height: height, channels: Int(size.channels), pixels: pixels),
            Self.origin(cvips_file(opened), isBitmap: bitmap > 0))
        }
      }
    }
  }

  private static func origin(_ file: CVipsFile, isBitmap: Bool) -> Origin {
    let loader = withUnsafeBytes(of: file.loader) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    // The name of a loader is that of its format, as in "pngload_source".
    let name = loader.range(of: "load").map { String(loader[..<$0.lowerBound]) } ?? loader
    return Origin(
      format: isBitmap ? "bmp" : name.isEmpty ? "unknown" : name, channels: Int(file.channels),
      orientation: Int(file.orientation))
  }

  private static func failure(
    _ outcome: CVipsOutcome, _ bytes: UnsafeRawBufferPointer, _ maxPixels: Int, detail: String
  ) -> ImageFailure {
    guard detail.isEmpty else {
      return ImageFailure(reason: reason(outcome, bytes), detail: detail)
    }
    var text = [CChar](repeating: 0, count: 512)
    cvips_explain(bytes.baseAddress, bytes.count, Int64(maxPixels), &text, text.count)
    return ImageFailure(reason: reason(outcome, bytes), detail: firstLine(text))
  }

  private static func reason(
    _ outcome: CVipsOutcome, _ bytes: UnsafeRawBufferPointer
  ) -> RejectionReason {
    switch outcome {
    case CVIPS_NOT_AN_IMAGE: .notAnImage
    case CVIPS_TOO_LARGE: .tooLarge
    case CVIPS_UNSUPPORTED: .unsupported
    default: Truncation.isCut(Array(bytes)) ? .truncated : .damaged
    }
  }

  private static func firstLine(_ text: [CChar]) -> String {
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init)
      ?? ""
  }
}
