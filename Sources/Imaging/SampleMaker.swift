import Catalog
import Foundation
import Shards

/// Makes samples from files: reads, hashes, decodes, crops, converts and resamples.
///
/// A class because its parts reuse memory between images; each worker has its own.
package final class SampleMaker {
  /// The result of processing a file.
  package struct Made {
    /// Length and modification time; `nil` if the file could not be opened.
    package let stamp: FileStamp?
    /// SHA-256 of a file that did not become a sample; `nil` if it could not be read.
    package var rejectedSHA256: String?
    package let result: Result<(facts: Facts, pixels: [UInt8]), ImageFailure>

    /// Returns the result for a file that was not read.
    package static func unread(_ reason: RejectionReason, _ detail: String) -> Made {
      Made(stamp: nil, result: .failure(ImageFailure(reason: reason, detail: detail)))
    }
  }

  /// The properties of a sample, apart from its pixels.
  package struct Facts {
    package let sha256: String
    /// The size of the original in pixels, after orientation.
    package let width: Int
    package let height: Int
    package let crop: Crop?
    /// Whether the cropped image was stretched to another aspect ratio.
    package let isStretched: Bool
    package let pixelsSHA256: String
    package let perceptualHash: UInt64
    package let image: ImageFacts
  }

  private let configuration: SampleConfiguration
  private let decoder: ImageDecoder
  private let resampler: Resampler
  private let finder: FaceFinder?
  private let perceptual = PerceptualHash()

  package init(
    _ configuration: SampleConfiguration, landmarks: LandmarkPredictor?, axes: AxisCache,
    budget: PixelBudget
  ) throws(ImagingError) {
    self.configuration = configuration
    decoder = try ImageDecoder(budget: budget)
    resampler = Resampler(
      width: configuration.width, height: configuration.height, method: configuration.resample,
      fit: configuration.fit ?? .stretch, followsPillow13: (configuration.pillow ?? 12) >= 13,
      axes: axes)
    finder = configuration.crop == .dlib ? try FaceFinder(landmarks) : nil
  }

  /// Makes a sample from the file at `path`.
  package func make(_ path: [CChar]) -> Made {
    let read = SourceFile.read(path, limit: configuration.maxBytes)
    let result: Result<(facts: Facts, pixels: [UInt8]), ImageFailure> = read.bytes.flatMap {
      bytes in
      decoder.decode(bytes, maxPixels: configuration.maxPixels) { image, origin in
        sample(image).map { crop, isStretched, sample in
          let facts = facts(bytes, image, origin, sample, crop, isStretched: isStretched)
          return (facts, sample.pixels)
        }.mapError { $0.with(thumbnail: Thumbnail.jpeg(of: image)) }
      }
    }
    var made = Made(stamp: read.stamp, result: result)
    if case .failure = result, case .success(let bytes) = read.bytes {
      made.rejectedSHA256 = Digest.sha256(bytes)
    }
    return made
  }

  private func facts(
    _ bytes: [UInt8], _ image: Image, _ origin: ImageDecoder.Origin, _ sample: Image, _ crop: Crop?,
    isStretched: Bool
  ) -> Facts {
    let gray = sample.converted(to: .gray)
    let quality = ImageQuality(gray: gray)
    return Facts(
      sha256: Digest.sha256(bytes), width: image.width, height: image.height, crop: crop,
      isStretched: isStretched, pixelsSHA256: Digest.sha256(sample.pixels),
      perceptualHash: PerceptualHash.hash(perceptual.thumbnail(gray: gray)),
      image: ImageFacts(
        format: origin.format, channels: origin.channels, orientation: origin.orientation,
        brightness: quality.brightness, contrast: quality.contrast, sharpness: quality.sharpness))
  }

  private func sample(
    _ image: Image
  ) -> Result<(Crop?, isStretched: Bool, Image), ImageFailure> {
    crop(image).flatMap { crop in
      if crop?.faces == 0, configuration.onMissingFace == .reject {
        return .failure(.init(reason: .noFace, detail: ""))
      }
      let taken = crop.map { image.cropped($0) } ?? .success(image)
      return taken.flatMap { taken in
        let isStretched =
          configuration.fit ?? .stretch == .stretch && resampler.changesProportion(of: taken)
        return resampler.resample(taken.converted(to: configuration.color)).map {
          (crop, isStretched, $0)
        }
      }
    }
  }

  private func crop(_ image: Image) -> Result<Crop?, ImageFailure> {
    let factor = configuration.cropFactor ?? 1
    switch configuration.crop {
    case .none: return .success(nil)
    case .center: return .success(FaceFinder.center(image, factor: factor))
    case .dlib:
      guard let finder else { return .success(nil) }
      return finder.crop(image, factor: factor).map { $0 }
    }
  }
}
