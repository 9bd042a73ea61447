import Foundation
import Synchronization

/// The measured times of convolutions on this machine, kept in a file.
///
/// A class because all networks of a process share it; a lock guards its values.
public final class ConvolutionTimings: Sendable {
  /// The times by machine and by convolution.
  private typealias Table = [String: [String: ConvolutionTimes]]

  private let path: String?
  private let machine: String
  private let measures: Bool
  private let table: Mutex<Table>

  /// Reads the times of earlier measurements.
  ///
  /// - Parameters:
  ///   - path: the file; `nil` to keep nothing. A file that cannot be read counts as empty.
  ///   - machine: the configuration of the libraries.
  ///   - measures: whether a convolution without times is measured.
  public init(path: String?, machine: Machine, measures: Bool = true) {
    self.path = path
    self.measures = measures
    self.machine = machine.performanceName
    table = Mutex(path.map(Self.read) ?? [:])
  }

  private static func read(_ path: String) -> Table {
    guard let data = FileManager.default.contents(atPath: path) else { return [:] }
    return (try? JSONDecoder().decode(Table.self, from: data)) ?? [:]
  }

  /// The number of operations of a pass below which a convolution is not measured.
  private static let least = 100_000_000

  /// The times of a convolution, which is measured unless it was before; `nil` if it is too small to
  /// be worth it, has no method but the direct one, or is not to be measured.
  func times(of setup: ConvolutionSetup) throws(NeuralError) -> ConvolutionTimes? {
    let methods = ConvolutionMethod.compared.filter { $0.fits(setup.shape) }
    guard methods.count > 1, 2 * setup.shape.rows * setup.shape.multiplyAdds >= Self.least else {
      return nil
    }
    let key = setup.performanceName
    // Times of an earlier version may lack a method.
    if let known = table.withLock({ $0[machine]?[key] }), known.methods == methods { return known }
    guard measures else { return nil }
    let measured = try ConvolutionTimes(measuring: setup)
    keep(measured, for: key)
    return measured
  }

  /// Whether a convolution and its pool are faster as one layer in planes; they are taken to be if
  /// they are too small to be measured.
  func isPlanarFaster(
    _ setup: ConvolutionSetup, in precision: Precision,
    measure: (ConvolutionTimings) throws(NeuralError) -> ConvolutionTimes.Planar
  ) throws(NeuralError) -> Bool {
    guard 2 * setup.shape.rows * setup.shape.multiplyAdds >= Self.least else { return true }
    let key =
      setup.performanceName + " and a 2x2 pool" + (setup.isReLU ? " over ReLU" : "")
      + " in a network of \(precision.rawValue)"
    if let known = table.withLock({ $0[machine]?[key]?.planar }) {
      return known.together <= known.apart
    }
    guard measures else { return true }
    var times = ConvolutionTimes()
    let measured = try measure(self)
    times.planar = measured
    keep(times, for: key)
    return measured.together <= measured.apart
  }

  /// Keeps times, and those that other processes kept meanwhile.
  private func keep(_ times: ConvolutionTimes, for key: String) {
    table.withLock { table in
      if let path { table.merge(Self.read(path)) { own, other in own.merging(other) { $1 } } }
      table[machine, default: [:]][key] = times
      if let path { Self.write(table, to: path) }
    }
  }

  /// Writes the file; without it, the next process measures again.
  private static func write(_ table: Table, to path: String) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try? encoder.encode(table).write(to: URL(fileURLWithPath: path), options: .atomic)
  }
}

extension ConvolutionSetup {
  /// What the times of a convolution depend on, as "64x48x48x64, 128 of 7x7, padding 0, f32 to f32".
  fileprivate var performanceName: String {
    "\(shape.rows)x\(shape.height)x\(shape.width)x\(shape.channels), \(shape.filters) of "
      + "\(shape.kernel)x\(shape.kernel), padding \(shape.padding), \(inputPrecision.rawValue) to "
      + "\(outputPrecision.rawValue), passes \(passes.rawValue)"
  }
}
