/// The same image made of other numbers; no layer of a file, but put between two that differ.
final class Cast: CopyingLayer {
  let outputShape: ActivationShape
  let outputPrecision: Precision
  let parts: [LayerPart] = []

  init(_ shape: ActivationShape, to precision: Precision) {
    outputShape = shape
    outputPrecision = precision
  }
}
