internal import CKernels

/// Memory for the sums over pixels of each channel.
///
/// A class because it owns the memory.
final class ChannelScratch {
  let sums: UnsafeMutablePointer<Double>
  let factors: UnsafeMutablePointer<Float>

  init(channels: Int) {
    sums = .allocate(capacity: 3 * Int(CNORM_CHUNKS) * channels)
    factors = .allocate(capacity: 6 * channels)
  }

  deinit {
    sums.deallocate()
    factors.deallocate()
  }
}

extension LayerContext {
  /// The numbers of the rows in the step.
  var rowNumbers: CRowNumbers {
    let slice = resources.share.slice
    return CRowNumbers(first: slice.first, step: slice.stride)
  }

  /// The sizes of an image.
  func imageShape() throws(NeuralError) -> CImageShape {
    let (height, width, channels) = try image()
    return CImageShape(rows: rows, height: height, width: width, channels: channels)
  }

  /// The input as a number of pixels, or rows of features, of a number of channels.
  var channelShape: CChannelShape {
    let channels =
      switch input {
      case .image(_, _, let channels): channels
      case .features(let count): count
      }
    return CChannelShape(count: rows * input.count / channels, channels: channels)
  }
}
