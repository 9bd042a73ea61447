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
  /// The precision of the network's images and of the factors of its products.
  let precision: Precision
  /// The format of the input.
  let inputFormat: Format
  /// The format that the layer above reads best; a layer that can produce it saves a conversion.
  let wantedFormat: Format
  /// Whether there is a layer below within this layer.
  let isAboveLayers: Bool
  /// Whether layers are never fused, so that the output of each can be seen.
  let keepsLayersApart: Bool
  /// Whether the gradient of the input is needed in training.
  let needsInputGradient: Bool
  /// Whether initial weights are drawn; they are 0 otherwise.
  let drawsWeights: Bool
  /// The number of first layers that are not trained.
  let frozenLayers: Int
  /// What the layers of the network share.
  let resources: NetworkResources

  /// Creates the context of the first layer of a network.
  init(
    input: ActivationShape, rows: Int, seed: Int, isTrainable: Bool,
    precision: Precision = .float32, inputFormat: Format = .float32,
    keepsLayersApart: Bool = false, needsInputGradient: Bool = true,
    drawsWeights: Bool = true, frozenLayers: Int = 0,
    resources: NetworkResources = NetworkResources()
  ) {
    path = ""
    name = ""
    self.input = input
    self.rows = rows
    self.seed = seed
    self.isTrainable = isTrainable
    self.precision = precision
    self.inputFormat = inputFormat
    wantedFormat = inputFormat
    isAboveLayers = false
    self.keepsLayersApart = keepsLayersApart
    self.needsInputGradient = needsInputGradient
    self.drawsWeights = drawsWeights
    self.frozenLayers = frozenLayers
    self.resources = resources
  }

  private init(
    _ outer: LayerContext, path: String, name: String, input: ActivationShape,
    formats: (input: Format, wanted: Format), isAboveLayers: Bool, needsInputGradient: Bool
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
    // Layers within a layer are frozen with it.
    frozenLayers = 0
    resources = outer.resources
    (inputFormat, wantedFormat) = formats
    self.isAboveLayers = isAboveLayers
    self.needsInputGradient = needsInputGradient
  }

  /// The context of a layer within this layer.
  ///
  /// - Parameters:
  ///   - input: the shape of its input.
  ///   - index: its position.
  ///   - name: its name.
  ///   - formats: the formats of its input and, if the layer can produce it, of its output.
  ///   - isAboveLayers: whether a layer is below it, within this layer.
  ///   - isAboveWeights: whether a layer below it, within this layer, has weights.
  /// - Returns: the context.
  func over(
    _ input: ActivationShape, index: Int, name: String,
    formats: (input: Format, wanted: Format) = (.float32, .float32), isAboveLayers: Bool = false,
    isAboveWeights: Bool = false
  ) -> LayerContext {
    LayerContext(
      self, path: path.isEmpty ? "\(index)" : "\(path).\(index)", name: name, input: input,
      formats: formats, isAboveLayers: isAboveLayers,
      needsInputGradient: needsInputGradient || isAboveWeights)
  }

  /// The context of a component that is not one of the layers.
  func over(_ input: ActivationShape, named name: String) -> LayerContext {
    LayerContext(
      self, path: name, name: name, input: input, formats: (.float32, .float32),
      isAboveLayers: false, needsInputGradient: true)
  }

  /// The precision of the input.
  var inputPrecision: Precision { inputFormat.precision }

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
