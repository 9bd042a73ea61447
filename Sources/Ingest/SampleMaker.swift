import Catalog
import Foundation
import Shards

/// Makes samples of files: read, hash, decode, crop, convert, resample.
///
/// A class because its parts keep memory from picture to picture; each worker has its own.
final class SampleMaker {
  /// A file that became a sample.
  struct Made {
    let facts: Facts
    let pixels: [UInt8]
  }

  /// What is known of a sample beside its pixels.
  struct Facts {
    let sha256: String
    /// The size of the original in pixels, after orientation.
    let width: Int
    let height: Int
    let crop: Crop?
    let pixelsSHA256: String
    let perceptualHash: UInt64
  }

  private let configuration: IngestConfiguration
  private let decoder: ImageDecoder
  private let resampler: Resampler
  private let finder: FaceFinder?
  private let perceptual = PerceptualHash()

  init(
    _ configuration: IngestConfiguration, landmarks: LandmarkPredictor?, axes: AxisCache
  ) throws(IngestError) {
    self.configuration = configuration
    decoder = try ImageDecoder()
    resampler = Resampler(
      width: configuration.width, height: configuration.height, method: configuration.resample,
      axes: axes)
    finder = configuration.crop == .dlib ? try FaceFinder(landmarks) : nil
  }

  /// The sample of the file at `path`, or why there is none.
  func make(_ path: [CChar]) -> Result<Made, ImageDecoder.Failure> {
    SourceFile.read(path, limit: configuration.maxBytes).flatMap { bytes in
      decoder.decode(bytes, maxPixels: configuration.maxPixels).flatMap { picture in
        sample(picture).map { crop, sample in
          Made(
            facts: Facts(
              sha256: Digest.sha256(bytes), width: picture.width, height: picture.height,
              crop: crop, pixelsSHA256: Digest.sha256(sample.pixels),
              perceptualHash: PerceptualHash.hash(perceptual.thumbnail(sample))),
            pixels: sample.pixels)
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
}
