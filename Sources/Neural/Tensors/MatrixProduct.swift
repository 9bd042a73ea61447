internal import COneDNN

extension FloatBuffer {
  /// c = a b of row-major matrices, `[m, k]` times `[k, n]`, either of which may lie transposed.
  ///
  /// - Parameters:
  ///   - a: the left factor.
  ///   - b: the right one.
  ///   - c: receives the product.
  ///   - transposeA: whether a lies as `[k, m]`.
  ///   - transposeB: whether b lies as `[n, k]`.
  ///   - sizes: the lengths.
  ///   - layer: whose product it is, for the error.
  /// - Throws: ``NeuralError/library(layer:operation:)``.
  static func multiply(
    _ a: FloatBuffer, _ b: FloatBuffer, into c: FloatBuffer, transposeA: Bool, transposeB: Bool,
    sizes: (m: Int, n: Int, k: Int), layer: String
  ) throws(NeuralError) {
    let status = conednn_multiply(
      transposeA ? 1 : 0, transposeB ? 1 : 0, sizes.m, sizes.n, sizes.k, a.start, b.start, 0,
      c.start)
    guard status == 0 else { throw .library(layer: layer, operation: "a matrix product") }
  }
}
