import Foundation
import Randomness

/// The values that a layer is built from.
struct LayerContext {
  /// The position of the layer, as "3" or, within another layer, "3.0.1"; a prefix of parameter
  /// names.
  let path: String
  let name: String
  let input: ActivationShape
  let rows: Int
  /// The seed of the initial weights.
  let seed: Int
  /// Whether memory for a backward pass is allocated.
  let isTrainable: Bool
  /// The precision of the network's images after its first convolution.
  let precision: Precision
  /// The precision of the input.
  let inputPrecision: Precision
  /// Whether layers are never fused, so that the output of each can be seen.
  let keepsLayersApart: Bool
  /// Whether the gradient of the input is needed in training.
  let needsInputGradient: Bool
  /// Whether initial weights are drawn; they are 0 otherwise.
  let drawsWeights: Bool
  /// What the layers of the network share.
  let resources: NetworkResources

  /// Creates the context of the first layer of a network.
  init(
    input: ActivationShape, rows: Int, seed: Int, isTrainable: Bool,
    precision: Precision = .float32, inputPrecision: Precision = .float32,
    keepsLayersApart: Bool = false, needsInputGradient: Bool = true,
    drawsWeights: Bool = true, resources: NetworkResources = NetworkResources()
  ) {
    path = ""
    name = ""
    self.input = input
    self.rows = rows
    self.seed = seed
    self.isTrainable = isTrainable
    self.precision = precision
    self.inputPrecision = inputPrecision
    self.keepsLayersApart = keepsLayersApart
    self.needsInputGradient = needsInputGradient
    self.drawsWeights = drawsWeights
    self.resources = resources
  }

  private init(
    _ outer: LayerContext, path: String, name: String, input: ActivationShape,
    inputPrecision: Precision, needsInputGradient: Bool
  ) {
    self.path = path
    self.name = name
    self.input = input
    rows = outer.rows
    seed = outer.seed
    isTrainable = outer.isTrainable
    precision = outer.precision
    keepsLayersApart = outer.keepsLayersApart
    drawsWeights = outer.drawsWeights
    resources = outer.resources
    self.inputPrecision = inputPrecision
    self.needsInputGradient = needsInputGradient
  }

  /// The context of a layer within this layer.
  ///
  /// - Parameters:
  ///   - input: the shape of its input.
  ///   - index: its position.
  ///   - name: its name.
  ///   - inputPrecision: the precision of its input.
  ///   - isAboveWeights: whether a layer below it, within this layer, has weights.
  /// - Returns: the context.
  func over(
    _ input: ActivationShape, index: Int, name: String, inputPrecision: Precision = .float32,
    isAboveWeights: Bool = false
  ) -> LayerContext {
    LayerContext(
      self, path: path.isEmpty ? "\(index)" : "\(path).\(index)", name: name, input: input,
      inputPrecision: inputPrecision, needsInputGradient: needsInputGradient || isAboveWeights)
  }

  /// The context of a component that is not one of the layers.
  func over(_ input: ActivationShape, named name: String) -> LayerContext {
    LayerContext(
      self, path: name, name: name, input: input, inputPrecision: .float32,
      needsInputGradient: true)
  }

  /// The passes of a convolution that the network computes.
  var convolutionPasses: ConvolutionPasses {
    guard isTrainable else { return .forward }
    return needsInputGradient ? [.forward, .weights, .data] : [.forward, .weights]
  }

  /// Creates weights with initial values according to the options.
  ///
  /// In a network for inference only they are 0 until loaded.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)`` for invalid options.
  func parameter(
    _ part: String, shape: [Int], _ initializer: Initializer, fanIn: Int = 1, fanOut: Int = 1,
    isTrainable: Bool = true, l2: Float = 0
  ) throws(NeuralError) -> Parameter {
    guard l2 >= 0, l2.isFinite else {
      throw .badOption(what: "\(name) \(path)", reason: "l2 must be 0 or more")
    }
    let bytes = 8 * shape.reduce(1.0) { $0 * Double($1) }
    guard bytes <= Double(ProcessInfo.processInfo.physicalMemory) else {
      throw .badOption(
        what: "\(name) \(path)",
        reason:
          "its weights and their gradients take \(Int(bytes / 1e9)) GB, more than this machine "
          + "has")
    }
    if let reason = initializer.fault(count: shape.reduce(1, *)) {
      throw .badOption(what: "\(name) \(path)", reason: reason)
    }
    return drawn(
      part, shape: shape, initializer, fanIn: fanIn, fanOut: fanOut, isTrainable: isTrainable,
      l2: l2)
  }

  /// Creates weights from options that are known to be valid.
  func drawn(
    _ part: String, shape: [Int], _ initializer: Initializer, fanIn: Int = 1, fanOut: Int = 1,
    isTrainable: Bool = true, l2: Float = 0
  ) -> Parameter {
    let count = shape.reduce(1, *)
    let parameter = Parameter(
      name: "\(path).\(part)", shape: shape, isTrainable: isTrainable,
      hasGradient: isTrainable && self.isTrainable, l2: l2)
    if self.isTrainable && drawsWeights {
      var random = RandomStream(seed: seed, "\(part) of \(path)")
      parameter.values.replace(
        with: initializer.values(count: count, fanIn: fanIn, fanOut: fanOut, random: &random))
    }
    return parameter
  }

  func misfit(needs: String) -> NeuralError {
    .doesNotFit(layer: name, path: path, input: input.description, needs: needs)
  }

  func image() throws(NeuralError) -> (height: Int, width: Int, channels: Int) {
    guard case .image(let height, let width, let channels) = input else {
      throw misfit(needs: "an image, so it belongs before flatten")
    }
    return (height, width, channels)
  }
}
