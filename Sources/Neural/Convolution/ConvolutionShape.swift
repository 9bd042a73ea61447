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

  /// Computes the sizes of a convolution over the input of `context`.
  ///
  /// - Throws: ``NeuralError`` if an option is invalid or the input is too small.
  init(
    filters: Int, kernel: Int, stride: Int, padding: Int, context: LayerContext
  ) throws(NeuralError) {
    (height, width, channels) = try context.image()
    rows = context.rows
    (self.filters, self.kernel) = (filters, kernel)
    (self.stride, self.padding) = (stride, padding)
    let lengths = 1...65_536
    guard lengths.contains(filters), lengths.contains(kernel), lengths.contains(stride),
      (0..<kernel).contains(padding)
    else {
      throw .badOption(
        what: "convolution \(context.path)",
        reason: "filters, kernel and stride must be in 1...65536, padding less than the kernel")
    }
    guard height + 2 * padding >= kernel, width + 2 * padding >= kernel else {
      throw context.misfit(needs: "at least \(kernel - 2 * padding)x\(kernel - 2 * padding)")
    }
  }

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
