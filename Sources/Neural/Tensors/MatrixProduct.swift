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

/// A product c = a b of matrices of fixed sizes, `[m, k]` times `[k, n]`, row-major; both factors may be
/// stored transposed.
///
/// A class because it owns a plan of the library.
final class MatrixProduct {
  private let plan: OpaquePointer
  private let layer: String

  /// Plans a product.
  ///
  /// - Parameters:
  ///   - sizes: the sizes m, n and k.
  ///   - transposeA: whether a is stored as `[k, m]`.
  ///   - transposeB: whether b is stored as `[n, k]`.
  ///   - precision: the precision of the factors; the product is of 32-bit floats.
  ///   - layer: the layer to name in an error.
  /// - Throws: ``NeuralError/library(layer:operation:)``.
  init(
    _ sizes: (m: Int, n: Int, k: Int), transposeA: Bool, transposeB: Bool, precision: Precision,
    layer: String
  ) throws(NeuralError) {
    guard
      let plan = conednn_product_create(
        transposeA ? 1 : 0, transposeB ? 1 : 0, sizes.m, sizes.n, sizes.k,
        precision == .bfloat16 ? 1 : 0)
    else { throw .library(layer: layer, operation: "creating") }
    self.plan = plan
    self.layer = layer
  }

  deinit {
    conednn_product_destroy(plan)
  }

  /// Computes the product.
  ///
  /// - Throws: ``NeuralError/library(layer:operation:)``.
  func callAsFunction(
    _ a: FloatBuffer, _ b: FloatBuffer, into c: FloatBuffer
  ) throws(NeuralError) {
    guard conednn_product_run(plan, a.raw, b.raw, c.start) == 0 else {
      throw .library(layer: layer, operation: "a matrix product")
    }
  }
}
