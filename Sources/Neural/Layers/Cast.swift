/// Converts values to another precision.
///
/// Not a layer of a network's file; inserted between two layers of different precision.
final class Cast: CopyingLayer {
  let outputShape: ActivationShape
  let outputPrecision: Precision
  let parts: [LayerPart] = []

  init(_ shape: ActivationShape, to precision: Precision) {
    outputShape = shape
    outputPrecision = precision
  }
}
