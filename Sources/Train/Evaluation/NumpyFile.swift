import Foundation
import Neural

/// Matrices in NumPy's `.npy` format.
///
/// Source: numpy.lib.format, versions 1 to 3.
enum NumpyFile {
  /// Reads a matrix of 32- or 64-bit floats in row-major order.
  ///
  /// - Throws: ``TrainError/badEmbeddings(path:reason:)``.
  static func rows(_ path: String) throws -> EmbeddingRows {
    func failure(_ reason: String) -> TrainError { .badEmbeddings(path: path, reason: reason) }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw failure("it cannot be read")
    }
    guard data.count >= 12, data.prefix(6) == Data([0x93] + Array("NUMPY".utf8)) else {
      throw failure("it is no .npy file")
    }
    let isLong = data[6] >= 2
    let length = (0..<(isLong ? 4 : 2)).reduce(0) { $0 | Int(data[8 + $1]) << (8 * $1) }
    let start = (isLong ? 12 : 10) + length
    guard start <= data.count else { throw failure("its header is cut short") }
    let header = String(decoding: data[(isLong ? 12 : 10)..<start], as: UTF8.self)
    guard header.contains("'fortran_order': False") else {
      throw failure("its numbers are stored by columns; save numpy.ascontiguousarray of them")
    }
    guard let shape = shape(header), shape.count == 2, shape[1] > 0 else {
      throw failure("it has no two axes, samples and numbers")
    }
    let size = header.contains("'<f4'") ? 4 : header.contains("'<f8'") ? 8 : 0
    guard size > 0 else { throw failure("its numbers are neither float32 nor float64") }
    let bytes = data[start...]
    let (cells, overflows) = shape[0].multipliedReportingOverflow(by: shape[1])
    guard !overflows, cells >= 0, cells <= bytes.count, bytes.count == cells * size else {
      throw failure("it has \(bytes.count) bytes of numbers for \(shape[0]) x \(shape[1])")
    }
    let values = bytes.withUnsafeBytes {
      size == 4 ? Numbers.floats($0) : Numbers.doubles($0).map(Float.init)
    }
    return EmbeddingRows(values: values, length: shape[1])
  }

  private static func shape(_ header: String) -> [Int]? {
    guard let start = header.range(of: "'shape': ("),
      let end = header[start.upperBound...].firstIndex(of: ")")
    else { return nil }
    let lengths = header[start.upperBound..<end].split(separator: ",").map {
      Int($0.trimmingCharacters(in: .whitespaces))
    }
    return lengths.contains(nil) ? nil : lengths.compactMap(\.self)
  }
}
