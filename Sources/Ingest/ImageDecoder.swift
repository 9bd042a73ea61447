internal import CDlib
internal import CTurboJPEG
internal import CVips
import Catalog

/// A picture of 8 bits a channel, `[height, width, channel]`, row-major.
struct Picture: Equatable {
  let width: Int
  let height: Int
  /// 1 for gray, 3 for RGB.
  let channels: Int
  let pixels: [UInt8]
}

/// Decodes image files through libvips.
enum ImageDecoder {
  /// Why there is no picture.
  struct Failure: Error, Equatable {
    let reason: RejectionReason
    let detail: String
  }

  private static let isStarted = cvips_start() == 0

  /// Starts libvips, once for the process.
  static func start() throws(IngestError) {
    guard isStarted else { throw .decoderUnavailable }
  }

  /// The libraries that have a say in the pixels, with their versions.
  static var versions: [String: String] {
    [
      "libvips": String(cString: cvips_version()),
      "libjpeg-turbo": String(cString: cturbojpeg_version()),
      "dlib": String(cString: cdlib_version()),
    ]
  }

  /// Decodes the first frame: orientation applied, gray or sRGB.
  static func decode(_ bytes: [UInt8], maxPixels: Int) -> Result<Picture, Failure> {
    guard !bytes.isEmpty else { return .failure(Failure(reason: .empty, detail: "")) }
    var image = CVipsImage()
    var detail = [CChar](repeating: 0, count: 512)
    let outcome = bytes.withUnsafeBytes {
      cvips_decode($0.baseAddress, $0.count, Int64(maxPixels), &image, &detail, detail.count)
    }
    defer { cvips_free(&image) }
    guard outcome == CVIPS_DECODED else {
      return .failure(Failure(reason: reason(outcome), detail: firstLine(detail)))
    }
    let width = Int(image.width)
    let height = Int(image.height)
    let channels = Int(image.channels)
    let pixels = Array(
      UnsafeBufferPointer(start: image.pixels, count: width * height * channels))
    return .success(Picture(width: width, height: height, channels: channels, pixels: pixels))
  }

  private static func reason(_ outcome: CVipsOutcome) -> RejectionReason {
    switch outcome {
    case CVIPS_NOT_AN_IMAGE: .notAnImage
    case CVIPS_TOO_LARGE: .tooLarge
    case CVIPS_UNSUPPORTED: .unsupported
    default: .damaged
    }
  }

  private static func firstLine(_ text: [CChar]) -> String {
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init)
      ?? ""
  }
}
