internal import CKernels
internal import COneDNN
internal import COpenBLAS

/// How the libraries below compute; a run records it, since figures may depend on it.
public struct Machine: Sendable, Equatable, Codable {
  /// How many threads oneDNN and OpenBLAS use.
  public let threads: Int
  /// The version of oneDNN.
  public let onednn: String
  /// The instruction set oneDNN takes.
  public let instructionSet: String
  /// The kernels OpenBLAS takes.
  public let openblas: String

  /// Whether the processor multiplies 16-bit floats itself.
  public static var hasBFloat16: Bool { conednn_has_bfloat16() != 0 }

  /// How many threads the libraries use when the calling thread calls them.
  public static var threads: Int { Int(conednn_threads()) }

  /// Sets the number of threads of every library.
  ///
  /// - Throws: ``NeuralError/library(layer:operation:)`` when oneDNN does not start.
  public static func start(threads: Int) throws(NeuralError) -> Machine {
    guard conednn_start(Int32(threads)) == 0 else {
      throw .library(layer: "oneDNN", operation: "starting")
    }
    copenblas_set_threads(Int32(threads))
    ckernels_set_threads(Int32(threads))
    return Machine(
      threads: threads, onednn: String(cString: conednn_version()),
      instructionSet: String(cString: conednn_instruction_set()),
      openblas: String(cString: copenblas_core()))
  }
}
