import ArgumentParser
import CommandSupport
import Datasets
import Imaging
import Ingest

extension SampleConfiguration.Color: ExpressibleByArgument {}
extension SampleConfiguration.Resampling: ExpressibleByArgument {}
extension SampleConfiguration.Cropping: ExpressibleByArgument {}
extension SampleConfiguration.MissingFace: ExpressibleByArgument {}
extension SampleConfiguration.Fit: ExpressibleByArgument {}

/// The options for making samples from photographs; they apply to a whole store.
struct SampleOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Size of a sample in pixels, as 105 or 46x56.", valueName: "size"))
  var size: String?

  @Option(help: "The channels of a sample.")
  var color: SampleConfiguration.Color?

  @Option(
    help: ArgumentHelp(
      "The resampling filter: lanczos and bilinear bit for bit as Pillow 9.5 to 12.2 "
        + "(see --pillow), decimate takes every n-th pixel, vips-lanczos3 is this machine's libvips."
    ))
  var resample: SampleConfiguration.Resampling?

  @Option(
    help: ArgumentHelp(
      "The Pillow version of lanczos and bilinear: 12 for 9.5 to 12.2, 13 for 13.0 and later, which "
        + "resamples some images in the other order.", valueName: "12|13"))
  var pillow: Int?

  @Option(
    help: ArgumentHelp(
      "How an image with another aspect ratio is fitted: stretched, cropped to its middle, or padded "
        + "with black bars."))
  var fit: SampleConfiguration.Fit?

  @Option(
    help: ArgumentHelp(
      "The part of an image that is used: all of it, the square in its middle, or the square around the "
        + "face that dlib finds."))
  var crop = SampleConfiguration.Cropping.none

  @Option(
    help: ArgumentHelp(
      "The side of the square: a multiple of the image's shorter side for center, of the face's "
        + "box for dlib; 1 by default.", valueName: "x"))
  var cropFactor: Double?

  @Option(
    help: ArgumentHelp(
      "Level the eyes with this dlib shape predictor of 5 or 68 points.", valueName: "file"))
  var landmarks: String?

  @Option(help: "What to do with an image without a face: use its middle (center) or reject it.")
  var onMissingFace: SampleConfiguration.MissingFace?

  @Option(help: ArgumentHelp("Reject images of more pixels without decoding them.", valueName: "n"))
  var maxPixels = SampleConfiguration.defaultMaxPixels

  @Option(help: ArgumentHelp("Reject files of more bytes without reading them.", valueName: "n"))
  var maxBytes = SampleConfiguration.defaultMaxBytes

  func validate() throws {
    if let size, PixelSize(size) == nil {
      throw ValidationError(
        "--size \(size) is not a size: give one side, as 105, or width x height, as 46x56.")
    }
    guard pillow.map({ $0 == 12 || $0 == 13 }) ?? true else {
      throw ValidationError("--pillow is 12, for Pillow 9.5 to 12.2, or 13, for 13.0 and later.")
    }
    guard maxPixels >= 1 else { throw ValidationError("--max-pixels must be 1 or more.") }
    guard maxBytes >= 1 else { throw ValidationError("--max-bytes must be 1 or more.") }
    if let cropFactor {
      guard crop != .none else {
        throw ValidationError("--crop-factor needs --crop center or --crop dlib.")
      }
      guard (0.05...20).contains(cropFactor) else {
        throw ValidationError("--crop-factor \(cropFactor) is not in 0.05...20.")
      }
    }
    guard landmarks == nil || crop == .dlib else {
      throw ValidationError("--landmarks needs --crop dlib.")
    }
    guard onMissingFace == nil || crop == .dlib else {
      throw ValidationError("--on-missing-face needs --crop dlib.")
    }
  }

  /// Whether no option was given.
  var isDefault: Bool {
    size == nil && color == nil && resample == nil && pillow == nil && fit == nil && crop == .none
      && cropFactor == nil && landmarks == nil && onMissingFace == nil
      && maxPixels == SampleConfiguration.defaultMaxPixels
      && maxBytes == SampleConfiguration.defaultMaxBytes
  }

  /// Returns the configuration for the photographs of a dataset.
  func configuration(
    for manifest: DatasetManifest, landmarks: LandmarkPredictor?
  ) -> SampleConfiguration {
    var configuration = manifest.sample
    if let size = size.flatMap(PixelSize.init) {
      configuration.width = size.width
      configuration.height = size.height
    }
    configuration.color = color ?? configuration.color
    configuration.fit = fit == .stretch ? nil : fit
    configuration.pillow = pillow == 12 ? nil : pillow
    configuration.resample = resample ?? configuration.resample
    configuration.crop = crop
    if crop != .none { configuration.cropFactor = cropFactor ?? 1 }
    if crop == .dlib { configuration.onMissingFace = onMissingFace ?? .center }
    configuration.landmarks = landmarks?.sha256
    configuration.maxPixels = maxPixels
    configuration.maxBytes = maxBytes
    return configuration
  }

  /// Returns the configuration for all of `scans`, with notes for the user.
  ///
  /// The default `decimate` of a dataset fits only its original images. If they cannot be decimated
  /// to the requested size and no filter was named, Lanczos is used. An existing store already has
  /// its configuration.
  func configuration(
    for scans: [SourceScan], landmarks: LandmarkPredictor?, stored: SampleConfiguration?
  ) throws -> (SampleConfiguration, note: String?) {
    var note: String?
    var all: [SampleConfiguration] = []
    for scan in scans {
      var configuration = configuration(for: scan.manifest, landmarks: landmarks)
      if resample == nil, configuration.resample == .decimate {
        if let stored {
          configuration.resample = stored.resample
        } else if let size = try scan.sizeThatCannotBeDecimated(configuration) {
          configuration.resample = .lanczos
          note =
            "\(scan.root): taking every n-th pixel of \(size) cannot give \(configuration.width)x"
            + "\(configuration.height), so Lanczos is used instead of decimate"
        }
      }
      all.append(configuration)
    }
    guard let first = all.first else { throw DatasetError.emptyFolder(path: "") }
    if let other = all.first(where: { $0 != first }) {
      throw IngestError.mixedSamples(
        first: Self.describe(first), second: Self.describe(other))
    }
    return (first, note)
  }

  private static func describe(_ configuration: SampleConfiguration) -> String {
    "\(configuration.shape) by \(configuration.resample.rawValue)"
  }
}
