import Catalog
import Datasets
import Imaging

extension SourceScan {
  /// Number of images that are tried.
  private static let triedImages = 20

  /// Returns the size of one of the first images that decimation cannot convert; `nil` if it can
  /// convert all of them.
  ///
  /// - Parameter configuration: the conversion of images to samples.
  /// - Returns: the size as text, for example "92x112".
  /// - Throws: ``IngestError`` if the folder cannot be walked.
  public func sizeThatCannotBeDecimated(
    _ configuration: SampleConfiguration
  ) throws -> String? {
    // A square around a face can have any side.
    guard configuration.crop != .dlib else { return "a face's square" }
    for size in try firstSizes(configuration) {
      var size = size
      if configuration.crop == .center {
        let side = max(
          1,
          Int((Double(min(size.width, size.height)) * (configuration.cropFactor ?? 1)).rounded()))
        size = (side, side)
      }
      let canDecimate = Resampler.canDecimate(
        width: size.width, height: size.height, to: (configuration.width, configuration.height))
      if !canDecimate { return "\(size.width)x\(size.height)" }
    }
    return nil
  }

  private func firstSizes(
    _ configuration: SampleConfiguration
  ) throws -> [(width: Int, height: Int)] {
    let decoder = try ImageDecoder()
    return try entries().prefix(Self.triedImages).compactMap { entry in
      guard entry.problem == nil else { return nil }
      let read = SourceFile.read(entry.location, limit: configuration.maxBytes)
      let image = read.bytes.flatMap {
        decoder.decode($0, maxPixels: configuration.maxPixels)
      }
      guard case .success(let image) = image else { return nil }
      return (image.width, image.height)
    }
  }
}
