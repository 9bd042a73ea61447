internal import COneDNN

extension FloatBuffer {
  /// Computes c = a b for row-major matrices, `[m, k]` times `[k, n]`; both factors may be stored
  /// transposed.
  ///
  /// - Parameters:
  ///   - a: the left factor.
  ///   - b: the right factor.
  ///   - c: receives the product.
  ///   - transposeA: whether a is stored as `[k, m]`.
  ///   - transposeB: whether b is stored as `[n, k]`.
  ///   - sizes: the sizes m, n and k.
  ///   - layer: the layer to name in an error.
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
