internal import CMachine
internal import COneDNN
internal import COpenBLAS
import Foundation

/// The configuration of the numeric libraries.
///
/// A run records it, because results may depend on it.
public struct Machine: Sendable, Equatable, Codable {
  /// Number of threads of oneDNN and OpenBLAS.
  public let threads: Int
  /// The version of oneDNN.
  public let onednn: String
  /// The instruction set that oneDNN uses.
  public let instructionSet: String
  /// The version of OpenBLAS and the kernels that it uses, as "0.3.21 SkylakeX".
  public let openblas: String
  /// The instruction set of this project's own loops.
  public let kernels: String

  /// Whether the processor has instructions for 16-bit floats.
  public static var hasBFloat16: Bool { conednn_has_bfloat16() != 0 }

  /// Number of threads that the libraries use when called from the calling thread.
  public static var threads: Int { Int(conednn_threads()) }

  /// The version with a space after it; empty if the library does not tell it.
  private static var openblasVersion: String {
    let words = String(cString: copenblas_configuration()).split(separator: " ")
    return words.first { $0.first?.isNumber ?? false }.map { "\($0) " } ?? ""
  }

  /// Lets everything that the calling thread computes from now on run on it alone.
  ///
  /// A second thread that used several cores would start a second set of threads.
  public static func computeOnThisThreadOnly() {
    conednn_use_calling_thread_only()
    cmachine_use_calling_thread_only()
  }

  /// Sets the number of threads of all libraries.
  ///
  /// - Throws: ``NeuralError/library(layer:operation:)`` if oneDNN does not start.
  public static func start(threads: Int) throws(NeuralError) -> Machine {
    guard conednn_start(Int32(threads)) == 0 else {
      throw .library(layer: "oneDNN", operation: "starting")
    }
    copenblas_set_threads(Int32(threads))
    cmachine_set_threads(Int32(threads))
    return Machine(
      threads: threads, onednn: String(cString: conednn_version()),
      instructionSet: String(cString: conednn_instruction_set()),
      openblas: openblasVersion + String(cString: copenblas_core()),
      kernels: String(cString: cmachine_level_name(cmachine_level())))
  }

  /// Another name makes the next version measure again; change it when a method becomes faster.
  private static let methods = "methods 2"

  /// The processor and everything else that the times of computations depend on.
  var performanceName: String {
    let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let words = ["vendor_id", "cpu family", "model", "model name", "stepping"].compactMap { name in
      lines.split(separator: "\n").first {
        $0.split(separator: ":")[0].trimmingCharacters(in: .whitespaces) == name
      }?.split(separator: ":").dropFirst().first?.trimmingCharacters(in: .whitespaces)
    }
    return
      (words + ["\(threads) threads", "oneDNN \(onednn) \(instructionSet)", kernels, Self.methods])
      .joined(separator: ", ")
  }
}
