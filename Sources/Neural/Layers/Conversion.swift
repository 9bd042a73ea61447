internal import CKernels

/// Converts values to another format.
///
/// Not a layer of a network's file; inserted between two layers of different format.
final class Conversion: Layer {
  let outputShape: ActivationShape
  let outputFormat: Format
  let parameters: [Parameter] = []
  let multiplyAdds = 0
  let parts: [LayerPart] = []
  private let rows: Int
  private let from: Format

  init(_ shape: ActivationShape, rows: Int, from: Format, to format: Format) {
    outputShape = shape
    outputFormat = format
    self.rows = rows
    self.from = from
  }

  func forward(_ input: FloatBuffer, into output: FloatBuffer, pass: Pass) {
    convert(input, into: output, isToPlanes: outputFormat.layout == .planes)
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) {
    guard let inputGradient else { return }
    convert(outputGradient, into: inputGradient, isToPlanes: from.layout == .planes)
  }

  private func convert(_ values: FloatBuffer, into result: FloatBuffer, isToPlanes: Bool) {
    guard case .image(let height, let width, let channels) = outputShape,
      from.layout != outputFormat.layout
    else { return result.copy(values) }
    cgeometry_reorder(
      CImageShape(rows: rows, height: height, width: width, channels: channels),
      isToPlanes ? 1 : 0, values.element, values.raw, result.element, result.raw)
  }
}
