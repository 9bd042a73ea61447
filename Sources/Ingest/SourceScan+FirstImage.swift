import Catalog

extension SourceScan {
  /// How many images are tried for the size of the first that can be decoded.
  private static let triedImages = 20

  /// The size of the first image, when decimation cannot make samples of it; `nil` when it can, or when
  /// no image tells.
  ///
  /// - Parameter configuration: how images become samples.
  /// - Returns: the size in words, as "92x112".
  /// - Throws: ``IngestError`` when the folder cannot be walked.
  public func sizeThatCannotBeDecimated(
    _ configuration: IngestConfiguration
  ) throws(IngestError) -> String? {
    // A square around a face has any side.
    guard configuration.crop != .dlib else { return "a face's square" }
    guard var size = try firstSize(configuration) else { return nil }
    if configuration.crop == .center {
      let side = max(
        1, Int((Double(min(size.width, size.height)) * (configuration.cropFactor ?? 1)).rounded()))
      size = (side, side)
    }
    return Resampler.canDecimate(
      width: size.width, height: size.height, to: (configuration.width, configuration.height))
      ? nil : "\(size.width)x\(size.height)"
  }

  private func firstSize(
    _ configuration: IngestConfiguration
  ) throws(IngestError) -> (width: Int, height: Int)? {
    let decoder = try ImageDecoder()
    for entry in try entries().prefix(Self.triedImages) where entry.problem == nil {
      let read = SourceFile.read(entry.location, limit: configuration.maxBytes)
      let picture = read.bytes.flatMap {
        decoder.decode($0, maxPixels: configuration.maxPixels)
      }
      if case .success(let picture) = picture { return (picture.width, picture.height) }
    }
    return nil
  }
}
