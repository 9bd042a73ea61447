/// The sizes of a two-dimensional convolution over one row.
struct ConvolutionShape {
  let rows: Int
  private(set) var height: Int
  private(set) var width: Int
  let channels: Int
  let filters: Int
  /// The side of the square kernel.
  let kernel: Int
  private(set) var stride: Int
  /// Number of zeros added on each side.
  let padding: Int

  /// The equivalent convolution over subsampled input, for a kernel of one pixel.
  var subsampled: ConvolutionShape {
    var shape = self
    (shape.height, shape.width, shape.stride) = (outHeight, outWidth, 1)
    return shape
  }

  var outHeight: Int { (height + 2 * padding - kernel) / stride + 1 }
  var outWidth: Int { (width + 2 * padding - kernel) / stride + 1 }
  var output: ActivationShape { .image(height: outHeight, width: outWidth, channels: filters) }
  var multiplyAdds: Int { outHeight * outWidth * kernel * kernel * channels * filters }
}
