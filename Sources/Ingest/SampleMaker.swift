import Catalog
import Foundation
import Shards

/// Makes samples of files: read, hash, decode, crop, convert, resample.
///
/// A class because its parts keep memory from picture to picture; each worker has its own.
final class SampleMaker {
  /// A file that became a sample.
  struct Made {
    let sha256: String
    /// The size of the original in pixels, after orientation.
    let width: Int
    let height: Int
    let crop: Crop?
    let pixels: [UInt8]
    let pixelsSHA256: String
    let perceptualHash: UInt64
  }

  private let configuration: IngestConfiguration
  private let decoder: ImageDecoder
  private let resampler: Resampler
  private let finder: FaceFinder?
  private let perceptual = PerceptualHash()

  init(
    _ configuration: IngestConfiguration, landmarks: LandmarkPredictor?
  ) throws(IngestError) {
    self.configuration = configuration
    decoder = try ImageDecoder()
    resampler = Resampler(
      width: configuration.width, height: configuration.height, method: configuration.resample)
    finder = configuration.crop == .dlib ? try FaceFinder(landmarks) : nil
  }

  /// The sample of the file at `path`, or why there is none.
  func make(_ path: [CChar]) -> Result<Made, ImageDecoder.Failure> {
    read(path).flatMap { bytes in
      decoder.decode(bytes, maxPixels: configuration.maxPixels).flatMap { picture in
        sample(picture).map { crop, sample in
          Made(
            sha256: Digest.sha256(bytes), width: picture.width, height: picture.height, crop: crop,
            pixels: sample.pixels, pixelsSHA256: Digest.sha256(sample.pixels),
            perceptualHash: PerceptualHash.hash(perceptual.thumbnail(sample)))
        }
      }
    }
  }

  private func sample(_ picture: Picture) -> Result<(Crop?, Picture), ImageDecoder.Failure> {
    let crop = crop(picture)
    if crop?.faces == 0, configuration.onMissingFace == .reject {
      return .failure(.init(reason: .noFace, detail: ""))
    }
    let taken = crop.map { picture.cropped($0) } ?? picture
    return resampler.resample(taken.converted(to: configuration.color)).map { (crop, $0) }
  }

  private func crop(_ picture: Picture) -> Crop? {
    let factor = configuration.cropFactor ?? 1
    return switch configuration.crop {
    case .none: nil
    case .center: FaceFinder.center(picture, factor: factor)
    case .dlib: finder?.crop(picture, factor: factor)
    }
  }

  private func read(_ path: [CChar]) -> Result<[UInt8], ImageDecoder.Failure> {
    func failure(_ code: Int32) -> Result<[UInt8], ImageDecoder.Failure> {
      .failure(.init(reason: .unreadable, detail: String(cString: strerror(code))))
    }
    // O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return failure(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return failure(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      return .failure(.init(reason: .unreadable, detail: "not a regular file"))
    }
    let size = Int(status.st_size)
    guard size <= configuration.maxBytes else {
      return .failure(.init(reason: .tooLarge, detail: "\(size) bytes"))
    }
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
        if got < 0 && errno == EINTR { continue }
        if got < 0 { code = errno }
        if got <= 0 { break }
        count += got
      }
    }
    return code == 0 ? .success(bytes) : failure(code)
  }
}
