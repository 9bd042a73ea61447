import CommandSupport
import Foundation
import Neural
import Train

/// The description of a network by `train describe`.
struct NetworkReport {
  /// One layer.
  struct Line: Encodable {
    let layer: String
    let output: String
    let parameters: Int
    let multiplyAdds: Int
    /// Milliseconds for all rows, if measured.
    let forwardMs: Double?
    let backwardMs: Double?
    /// Two operations per multiply-add, divided by the time.
    let forwardGflops: Double?
    let backwardGflops: Double?

    init(_ layer: Tower.Description, timing: Tower.Timing?, rows: Int, isFirst: Bool) {
      self.layer = layer.name
      output = layer.output.description
      parameters = layer.parameters
      multiplyAdds = layer.multiplyAdds
      func rounded(_ value: Double) -> Double { (value * 1_000).rounded() / 1_000 }
      forwardMs = timing.map { rounded($0.forward * 1_000) }
      backwardMs = timing.map { rounded($0.backward * 1_000) }
      let work = 2e-9 * Double(layer.multiplyAdds) * Double(rows)
      func rate(_ work: Double, _ seconds: Double?) -> Double? {
        guard let seconds, seconds > 0, work > 0 else { return nil }
        return (work / seconds).rounded()
      }
      forwardGflops = rate(work, timing?.forward)
      // The first layer does not compute the gradient of its input.
      backwardGflops = rate(isFirst ? work : 2 * work, timing?.backward)
    }

    /// The line of the head over two embeddings.
    init(_ head: String, parameters: Int, multiplyAdds: Int) {
      layer = head
      output = "1"
      self.parameters = parameters
      self.multiplyAdds = multiplyAdds
      (forwardMs, backwardMs, forwardGflops, backwardGflops) = (nil, nil, nil, nil)
    }
  }

  /// The totals.
  struct Summary: Encodable {
    let name: String
    let input: String
    let parameters: Int
    let trainable: Int
    let nonTrainable: Int
    let multiplyAdds: Int
    /// Number of images at once.
    let rows: Int
    let precision: String
    /// The bytes of weights, gradients and two values of the optimiser per weight.
    let weightBytes: Int
    /// The bytes of activations and their gradients.
    let activationBytes: Int
    /// Those of them for spectra, transformed kernels and the working memory of transforms.
    let transformBytes: Int
  }

  /// The method of one pass of a convolution, with its milliseconds and those of the direct method.
  struct Method: Encodable {
    let layer: String
    let pass: String
    let method: String
    let ms: Double
    let directMs: Double
  }

  let title: String
  let lines: [Line]
  /// The measured passes of the convolutions.
  let methods: [Method]
  let summary: Summary

  init(
    _ network: Network, input: ActivationShape, lines: [Line], trainable: Int, rows: Int,
    plan: Network.Plan, listsMethods: Bool
  ) {
    title = network.title
    self.lines = lines
    methods = listsMethods ? Self.methods(plan) : []
    let parameters = lines.reduce(0) { $0 + $1.parameters }
    summary = Summary(
      name: network.name, input: input.description, parameters: parameters, trainable: trainable,
      nonTrainable: parameters - trainable,
      multiplyAdds: lines.reduce(0) { $0 + $1.multiplyAdds }, rows: rows,
      precision: plan.precision.rawValue, weightBytes: 16 * parameters,
      activationBytes: plan.activationBytes, transformBytes: plan.transformBytes)
  }

  private static func methods(_ plan: Network.Plan) -> [Method] {
    let passes: [(String, KeyPath<PassMethods, ConvolutionMethod>)] = [
      ("forward", \.forward), ("weights", \.weights), ("data", \.data),
    ]
    return plan.convolutionTimes.sorted {
      $0.key.compare($1.key, options: .numeric) == .orderedAscending
    }.flatMap { path, times in
      passes.compactMap { name, pass in
        let method = plan.convolutions[path][keyPath: pass]
        guard let ms = times.time(pass, method), let direct = times.time(pass, .direct), direct > 0
        else { return nil }
        return Method(layer: path, pass: name, method: method.rawValue, ms: ms, directMs: direct)
      }
    }
  }

  /// The table of methods; empty without them.
  private var methodsText: String {
    guard !methods.isEmpty else { return "" }
    let table = TextTable(
      ["convolution", "pass", "method", "ms", "direct ms"],
      methods.map {
        [
          $0.layer, $0.pass, $0.method, String(format: "%.2f", $0.ms),
          String(format: "%.2f", $0.directMs),
        ]
      })
    return "\n\n" + table.text
  }

  var text: String {
    let isMeasured = lines.contains { $0.forwardMs != nil }
    func time(_ value: Double?) -> String { value.map { String(format: "%.2f", $0) } ?? "" }
    func rate(_ value: Double?) -> String { value.map { String(Int($0)) } ?? "" }
    let rows = lines.map { line in
      [line.layer, line.output, "\(line.parameters)"]
        + (isMeasured
          ? [
            time(line.forwardMs), rate(line.forwardGflops), time(line.backwardMs),
            rate(line.backwardGflops),
          ] : ["\(line.multiplyAdds)"])
    }
    let heading =
      ["layer", "output", "parameters"]
      + (isMeasured ? ["ms", "GFLOP/s", "back ms", "GFLOP/s"] : ["multiply-adds"])
    let empty = [String](repeating: "", count: heading.count - 2)
    func total(_ part: (Line) -> Double?) -> String {
      time(lines.reduce(0) { $0 + (part($1) ?? 0) })
    }
    let sums =
      isMeasured
      ? [total(\.forwardMs), "", total(\.backwardMs), ""] : ["\(summary.multiplyAdds)"]
    let table = TextTable(
      heading,
      [["input", summary.input] + empty] + rows
        + [["total", "", "\(summary.parameters)"] + sums])
    let fixed =
      summary.nonTrainable > 0
      ? "\n\(summary.trainable) of them are trained, \(summary.nonTrainable) are running means" : ""
    func megabytes(_ bytes: Int) -> String { "\((bytes + 999_999) / 1_000_000) MB" }
    let transforms =
      summary.transformBytes > 0
      ? ", of these\n    \(megabytes(summary.transformBytes)) for transforms and sums of convolutions"
      : ""
    return """
      \(title)
      \(table.text)\(fixed)
      a training of \(summary.rows) images a step in \(summary.precision) takes
        \(megabytes(summary.weightBytes)) for weights, gradients and two numbers more a weight (Adam)
        \(megabytes(summary.activationBytes)) for activations and their gradients\(transforms)\(methodsText)
      """
  }
}
