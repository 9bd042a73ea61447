internal import CKernels

extension ActivationShape {
  /// Mirrors images of this shape left to right, in place; features stay as they are.
  ///
  /// - Parameters:
  ///   - bytes: the images, `[rows, height, width, channel]`.
  ///   - rows: the number of images.
  public func mirror(_ bytes: UnsafeMutablePointer<UInt8>, rows: Int) {
    guard case .image(let height, let width, let channels) = self else { return }
    ckernels_mirror(
      CWarpShape(rows: rows, height: height, width: width, channels: channels, replicates: 0), bytes
    )
  }
}
