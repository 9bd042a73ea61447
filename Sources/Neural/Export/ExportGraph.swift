/// A tower as a graph of operators with the names and the meaning of ONNX, opset 17.
///
/// Images are `[batch, channel, height, width]` in the graph, and features `[batch, feature]`. The
/// operators of each kind of layer stand in the file of that kind.
///
/// Source: Operators of ONNX, opset 17.
public struct ExportGraph: Sendable {
  /// An attribute of an operator.
  public enum Attribute: Sendable, Equatable {
    /// A whole number.
    case int(Int)
    /// Whole numbers.
    case ints([Int])
    /// A number.
    case float(Float)
    /// A text.
    case string(String)
  }

  /// An operator.
  public struct Node: Sendable {
    /// The operator's name in ONNX.
    public let kind: String
    /// The names of its inputs.
    public let inputs: [String]
    /// The name of its output.
    public let output: String
    /// Its attributes by name.
    public let attributes: [String: Attribute]
  }

  /// The elements of a constant.
  public enum Elements: Sendable {
    /// 32-bit floats.
    case floats([Float])
    /// 64-bit integers.
    case integers([Int])
  }

  /// A constant tensor.
  public struct Constant: Sendable {
    /// The name.
    public let name: String
    /// The lengths of the axes.
    public let shape: [Int]
    /// The elements, row-major.
    public let elements: Elements
  }

  /// The name of the input, `[batch, channel, height, width]` or `[batch, feature]`.
  public static let input = "input"
  /// The name of the output, `[batch, length]`.
  public static let output = "embedding"

  /// The shape of one row of the input, before it is transposed.
  public let inputShape: ActivationShape
  /// Length of an embedding.
  public private(set) var embeddingLength = 0
  /// The operators in the order of computation.
  public private(set) var nodes: [Node] = []
  /// The constants.
  public private(set) var constants: [Constant] = []
  private let weights: [String: [Float]]

  /// Creates an empty graph.
  ///
  /// - Parameters:
  ///   - input: the shape of one row of the input.
  ///   - weights: the weights of each parameter by name.
  init(input: ActivationShape, weights: [String: [Float]]) {
    inputShape = input
    self.weights = weights
  }

  /// Ends the graph with the output.
  mutating func end(_ last: String, length: Int) {
    embeddingLength = length
    nodes.append(Node(kind: "Identity", inputs: [last], output: Self.output, attributes: [:]))
  }

  /// Adds an operator.
  ///
  /// - Returns: the name of its output.
  mutating func add(
    _ kind: String, _ inputs: [String], _ attributes: [String: Attribute] = [:]
  ) -> String {
    let output = "\(kind.lowercased())_\(nodes.count)"
    nodes.append(Node(kind: kind, inputs: inputs, output: output, attributes: attributes))
    return output
  }

  /// Adds a constant.
  ///
  /// - Returns: its name.
  mutating func constant(_ elements: Elements, shape: [Int]) -> String {
    let name = "constant_\(constants.count)"
    constants.append(Constant(name: name, shape: shape, elements: elements))
    return name
  }

  /// The weights of a parameter of a layer.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)`` if there are none.
  func weights(_ part: String, of place: ExportPlace) throws(NeuralError) -> [Float] {
    guard let values = weights["\(place.path).\(part)"] else {
      throw .badOption(what: "\(place.name) \(place.path)", reason: "it has no weights \(part)")
    }
    return values
  }

  /// Adds the weights of a parameter as a constant.
  ///
  /// - Returns: its name.
  mutating func weightConstant(
    _ part: String, shape: [Int], of place: ExportPlace
  ) throws(NeuralError) -> String {
    constant(.floats(try weights(part, of: place)), shape: shape)
  }
}

/// The place of a layer in a network.
struct ExportPlace {
  /// The position of the layer, a prefix of the names of its parameters.
  let path: String
  let name: String
  /// The shape of one row of its input.
  let input: ActivationShape

  /// The lengths of a constant with one value for each channel, to be combined with the input.
  var channelShape: [Int] {
    switch input {
    case .image(_, _, let channels): [channels, 1, 1]
    case .features(let count): [count]
    }
  }

  /// Number of channels, or of features.
  var channels: Int { channelShape[0] }
}

extension Activation {
  /// Adds the function.
  ///
  /// - Returns: the name of the output.
  func export(_ source: String, to graph: inout ExportGraph) -> String {
    switch self {
    case .linear: return source
    case .relu: return graph.add("Relu", [source])
    case .leakyReLU: return graph.add("LeakyRelu", [source], ["alpha": .float(0.01)])
    case .tanh: return graph.add("Tanh", [source])
    case .sigmoid: return graph.add("Sigmoid", [source])
    case .scaledTanh:
      let inner = graph.constant(.floats([2.0 / 3]), shape: [])
      let outer = graph.constant(.floats([1.7159]), shape: [])
      let curve = graph.add("Tanh", [graph.add("Mul", [source, inner])])
      return graph.add("Mul", [curve, outer])
    }
  }
}
