extension LayerSpecification {
  /// The side of the smallest square image that the layers accept; `nil` if there is none up to
  /// 1,024.
  public static func smallestSide(of layers: [LayerSpecification], channels: Int) -> Int? {
    (1...1_024).first {
      outputShape(of: layers, for: .image(height: $0, width: $0, channels: channels)) != nil
    }
  }

  /// The number of rows whose largest image between two layers fits into some bytes of 32-bit floats,
  /// as a power of two.
  ///
  /// - Parameters:
  ///   - layers: the layers.
  ///   - input: the shape of one row of the input.
  ///   - bytes: the number of bytes.
  ///   - most: the greatest number of rows.
  /// - Returns: the number of rows, at least 1.
  public static func rows(
    of layers: [LayerSpecification], input: ActivationShape, bytes: Int, atMost most: Int
  ) -> Int {
    var shape: ActivationShape? = input
    var largest = input.count
    for layer in layers {
      shape = shape.flatMap { layer.outputShape(for: $0) }
      largest = max(largest, shape?.count ?? 0)
    }
    var rows = 1
    while 2 * rows <= most && 4 * 2 * rows * largest <= bytes { rows *= 2 }
    return rows
  }
}
