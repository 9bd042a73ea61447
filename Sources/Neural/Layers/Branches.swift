/// The options of several branches over one input whose features are concatenated.
struct BranchesOptions: LayerKind {
  package static let name = "branches"
  /// The options are a list of branches, so they have no names.
  package static let optionNames: [String]? = nil

  let branches: [[LayerSpecification]]

  init(branches: [[LayerSpecification]]) { self.branches = branches }

  init(from decoder: any Decoder) throws {
    branches = try [[LayerSpecification]](from: decoder)
  }

  func encode(to encoder: any Encoder) throws { try branches.encode(to: encoder) }

  var reads: ReadableFormats { .float32 }

  func outputShape(for input: ActivationShape) -> ActivationShape? {
    var length = 0
    for branch in branches {
      guard case .features(let count) = LayerSpecification.outputShape(of: branch, for: input)
      else { return nil }
      length += count
    }
    return .features(length)
  }

  func export(
    _ place: ExportPlace, _ source: String, to graph: inout ExportGraph
  ) throws(NeuralError) -> String {
    var outputs: [String] = []
    for (index, branch) in branches.enumerated() {
      outputs.append(
        try graph.add(branch, path: "\(place.path).\(index)", over: place.input, source))
    }
    return graph.add("Concat", outputs, ["axis": .int(1)])
  }

  func makeLayer(_ context: LayerContext) throws(NeuralError) -> any Layer {
    try Branches(branches, context: context)
  }
}

extension LayerSpecification {
  /// Several branches over one input whose features are concatenated.
  public static func branches(_ branches: [[LayerSpecification]]) -> LayerSpecification {
    .init(BranchesOptions(branches: branches))
  }
}

/// Several chains of layers over one input whose features are concatenated.
///
/// Each branch must end in features. The gradient of the input is the sum of the gradients of the
/// branches.
final class Branches: Layer {
  let outputShape: ActivationShape
  var parameters: [Parameter] { chains.flatMap(\.parameters) }
  var multiplyAdds: Int { chains.reduce(0) { $0 + $1.multiplyAdds } }
  var workBytes: Int {
    chains.reduce(0) { $0 + $1.trainingBytes }
      + 4 * rows * (outputShape.count + (chains.first?.inputShape.count ?? 0))
  }
  var computingPrecision: Precision { chains.computingPrecision }
  var sharedBytes: Int { chains.map(\.sharedBytes).max() ?? 0 }

  private let chains: [LayerChain]
  private let lengths: [Int]
  private let rows: Int
  private let outputGradients: [FloatBuffer]
  private let inputGradient: FloatBuffer

  init(_ branches: [[LayerSpecification]], context: LayerContext) throws(NeuralError) {
    guard branches.count >= 2 else {
      throw .badOption(what: "branches \(context.path)", reason: "there must be two or more")
    }
    var chains: [LayerChain] = []
    var lengths: [Int] = []
    for (index, branch) in branches.enumerated() {
      let chain = try LayerChain(
        branch, input: context.input,
        context: context.over(context.input, index: index, name: context.name),
        outputPrecision: .float32)
      guard case .features(let length) = chain.outputShape else {
        throw .badOption(
          what: "branches \(context.path)", reason: "branch \(index) must end in flatten")
      }
      chains.append(chain)
      lengths.append(length)
    }
    self.chains = chains
    self.lengths = lengths
    rows = context.rows
    outputShape = .features(lengths.reduce(0, +))
    outputGradients =
      context.isTrainable ? lengths.map { FloatBuffer(count: context.rows * $0) } : []
    inputGradient = FloatBuffer(count: context.isTrainable ? context.rows * context.input.count : 0)
  }

  func forward(
    _ input: FloatBuffer, into output: FloatBuffer, pass: Pass
  ) throws(NeuralError) {
    var offset = 0
    for (chain, length) in zip(chains, lengths) {
      let features = try chain.forward(input, pass)
      for row in 0..<rows {
        (output.start + row * outputShape.count + offset)
          .update(from: features.start + row * length, count: length)
      }
      offset += length
    }
  }

  func backward(
    input: FloatBuffer, output: FloatBuffer, outputGradient: FloatBuffer,
    inputGradient: FloatBuffer?, pass: Pass
  ) throws(NeuralError) {
    var offset = 0
    for (index, chain) in chains.enumerated() {
      let length = lengths[index]
      for row in 0..<rows {
        (outputGradients[index].start + row * length)
          .update(from: outputGradient.start + row * outputShape.count + offset, count: length)
      }
      offset += length
      try chain.backward(
        input: input, outputGradient: outputGradients[index],
        inputGradient: inputGradient == nil ? nil : index == 0 ? inputGradient : self.inputGradient,
        pass)
      if index > 0 { inputGradient?.add(self.inputGradient) }
    }
  }
}
