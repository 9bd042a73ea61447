internal import CDlib
internal import CTurboJPEG
internal import CVips
import Catalog

/// Decodes image files: plain JPEG through libjpeg-turbo, everything else through libvips.
///
/// A class because it owns libjpeg-turbo's decoder; each worker has its own.
final class ImageDecoder {
  /// Why there is no picture.
  struct Failure: Error, Equatable {
    let reason: RejectionReason
    let detail: String
  }

  private static let isStarted = cvips_start() == 0

  private let turbo: OpaquePointer

  /// Starts libvips, once for the process, and makes a decoder.
  init() throws(IngestError) {
    guard Self.isStarted, let turbo = cturbojpeg_create() else { throw .decoderUnavailable }
    self.turbo = turbo
  }

  deinit { cturbojpeg_destroy(turbo) }

  /// The libraries that have a say in the pixels, with their versions.
  ///
  /// Asked for once: the words lie
  /// in buffers of the C side that are written anew with every question.
  static let versions = [
    "libvips": String(cString: cvips_version()),
    "libjpeg-turbo": String(cString: cturbojpeg_version()),
    "dlib": String(cString: cdlib_version()),
  ]

  /// Decodes the first frame: orientation applied, gray or sRGB.
  func decode(_ bytes: [UInt8], maxPixels: Int) -> Result<Picture, Failure> {
    guard !bytes.isEmpty else { return .failure(Failure(reason: .empty, detail: "")) }
    let plain = decodePlainJPEG(bytes, maxPixels: maxPixels)
    let decoded = plain.map(Result.success) ?? Self.decodeWithVips(bytes, maxPixels: maxPixels)
    return decoded.flatMap { picture in
      let least = IngestConfiguration.minSide
      guard picture.width >= least, picture.height >= least else {
        let detail = "\(picture.width) x \(picture.height) pixels"
        return .failure(Failure(reason: .tooSmall, detail: detail))
      }
      return .success(picture)
    }
  }

  /// The picture of a sound, plain JPEG; `nil` leaves the file and the judgement to libvips.
  func decodePlainJPEG(_ bytes: [UInt8], maxPixels: Int) -> Picture? {
    guard let header = JPEGHeader(bytes), header.isPlain, header.width * header.height <= maxPixels
    else { return nil }
    let (width, height, channels) = (header.width, header.height, header.channels)
    var status: Int32 = -1
    let pixels = [UInt8].filled(width * height * channels) { target in
      status = cturbojpeg_decode(
        turbo, bytes, bytes.count, Int32(width), Int32(height), Int32(channels), target)
    }
    guard status == 0 else { return nil }
    return Picture(width: width, height: height, channels: channels, pixels: pixels)
  }

  /// The picture as libvips sees it.
  static func decodeWithVips(_ bytes: [UInt8], maxPixels: Int) -> Result<Picture, Failure> {
    var image = CVipsImage()
    var detail = [CChar](repeating: 0, count: 512)
    let outcome = bytes.withUnsafeBytes {
      cvips_decode($0.baseAddress, $0.count, Int64(maxPixels), &image, &detail, detail.count)
    }
    defer { cvips_free(&image) }
    guard outcome == CVIPS_DECODED else {
      return .failure(Failure(reason: reason(outcome, bytes), detail: firstLine(detail)))
    }
    let width = Int(image.width)
    let height = Int(image.height)
    let channels = Int(image.channels)
    let pixels = Array(
      UnsafeBufferPointer(start: image.pixels, count: width * height * channels))
    return .success(Picture(width: width, height: height, channels: channels, pixels: pixels))
  }

  private static func reason(_ outcome: CVipsOutcome, _ bytes: [UInt8]) -> RejectionReason {
    switch outcome {
    case CVIPS_NOT_AN_IMAGE: .notAnImage
    case CVIPS_TOO_LARGE: .tooLarge
    case CVIPS_UNSUPPORTED: .unsupported
    default: Truncation.isCut(bytes) ? .truncated : .damaged
    }
  }

  private static func firstLine(_ text: [CChar]) -> String {
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init)
      ?? ""
  }
}
