import Testing

@testable import Neural

/// A layer, or some, and what goes in.
struct LayerCase: Sendable, CustomTestStringConvertible {
  let layers: [LayerSpecification]
  let input: ActivationShape

  var testDescription: String { layers.map(\.name).joined(separator: ", ") + " over \(input)" }

  init(_ input: ActivationShape, _ layers: LayerSpecification...) {
    self.layers = layers
    self.input = input
  }
}

private func convolution(
  _ filters: Int, _ kernel: Int, stride: Int = 1, padding: Int = 0, bias: Bool = true,
  _ activation: Activation
) -> LayerSpecification {
  var options = ConvolutionOptions(
    filters: filters, kernel: kernel, activation: activation)
  options.stride = stride
  options.padding = padding
  options.useBias = bias
  return .convolution(options)
}

private func dense(
  _ units: Int, _ activation: Activation = .linear, weights: Initializer? = nil,
  biases: Initializer? = nil
) -> LayerSpecification {
  var options = DenseOptions(units: units, activation: activation)
  options.kernelInitializer = weights
  options.biasInitializer = biases
  return .dense(options)
}

private let picture = ActivationShape.image(height: 9, width: 7, channels: 3)
private let features = ActivationShape.features(11)

/// Convolutions with a stride of 1, alone, under a function and under a pool of three pixels.
let convolutionCases: [LayerCase] =
  Activation.allCases.map { LayerCase(picture, convolution(5, 3, $0)) } + [
    LayerCase(picture, convolution(2, 5, padding: 2, .relu)),
    LayerCase(picture, convolution(17, 4, bias: false, .relu)),
    LayerCase(picture, convolution(4, 3, .relu), .maxPool(.init(window: 3))),
    LayerCase(.image(height: 8, width: 8, channels: 20), convolution(3, 1, .sigmoid)),
  ]

let layerCases: [LayerCase] =
  Activation.allCases.map { LayerCase(picture, convolution(5, 3, $0)) }
  + Activation.allCases.map { LayerCase(features, dense(6, $0)) }
  + Activation.allCases.map { LayerCase(features, .activation($0)) }
  + [
    LayerCase(picture, convolution(4, 3, stride: 2, padding: 1, .linear)),
    LayerCase(picture, convolution(4, 4, stride: 3, .relu)),
    LayerCase(.image(height: 11, width: 8, channels: 8), convolution(8, 1, stride: 2, .relu)),
    LayerCase(picture, convolution(16, 1, stride: 3, bias: false, .tanh)),
    LayerCase(picture, convolution(2, 5, padding: 2, .tanh)),
    LayerCase(.image(height: 8, width: 8, channels: 1), convolution(3, 1, .sigmoid)),
    LayerCase(picture, .maxPool(.init(window: 2))), LayerCase(picture, .maxPool(.init(window: 3))),
    LayerCase(picture, .averagePool(.init(window: 2))),
    LayerCase(picture, .averagePool(.init(window: 3))), LayerCase(picture, .globalAveragePool),
    LayerCase(.image(height: 1, width: 1, channels: 4), .globalAveragePool),
    LayerCase(.image(height: 6, width: 5, channels: 4), .channelRowPool(.init(window: 2))),
    LayerCase(picture, .channelRowPool(.init(window: 3))),
    LayerCase(picture, .batchNormalization(.init())),
    LayerCase(features, .batchNormalization(.init())),
    LayerCase(.image(height: 4, width: 4, channels: 20), .batchNormalization(.init())),
    LayerCase(picture, .reflectionPad(size: 1)), LayerCase(picture, .reflectionPad(size: 3)),
    LayerCase(picture, .squeezeExcitation(reduction: 1)),
    LayerCase(.image(height: 5, width: 6, channels: 18), .squeezeExcitation(reduction: 4)),
    LayerCase(picture, .squeezeExcitation(reduction: 16)),
    LayerCase(picture, .flatten), LayerCase(features, .l2Normalization),
    LayerCase(
      picture,
      .branches([[.flatten], [convolution(2, 3, .tanh), .flatten], [.flatten, dense(4)]])),
    LayerCase(
      picture,
      .spatialTransformer(
        [
          .flatten,
          dense(
            6, weights: .normal(mean: 0, deviation: 0.02), biases: .identityAffine),
        ], downsample: 1)),
    LayerCase(
      .image(height: 8, width: 8, channels: 2),
      .spatialTransformer(
        [
          .averagePool(.init(window: 2)), convolution(3, 2, .tanh), .flatten,
          dense(6, weights: .normal(mean: 0, deviation: 0.05), biases: .identityAffine),
        ], downsample: 2)),
    LayerCase(
      picture, convolution(4, 3, .relu), .batchNormalization(.init()), .maxPool(.init(window: 2)),
      .flatten, dense(5, .sigmoid), .l2Normalization),
    LayerCase(picture, convolution(4, 3, bias: false, .linear)),
    LayerCase(picture, .prelu(initial: 0.25)), LayerCase(features, .prelu(initial: -0.5)),
    LayerCase(
      picture,
      .residual(
        .init(
          body: [
            convolution(3, 3, padding: 1, bias: false, .linear), .batchNormalization(.init()),
            .prelu(initial: 0.25),
          ], activation: .relu))),
    LayerCase(picture, .residual(.init(body: [convolution(3, 3, padding: 1, .relu)]))),
    LayerCase(
      picture,
      .residual(
        strided(
          body: [convolution(6, 3, stride: 2, padding: 1, .tanh)],
          shortcut: [convolution(6, 1, stride: 2, .relu)]))),
    LayerCase(features, .residual(.init(body: [dense(11, .tanh)]))),
  ]
  + pooledCases

private func strided(
  body: [LayerSpecification], shortcut: [LayerSpecification]
) -> ResidualOptions {
  var options = ResidualOptions(body: body)
  options.shortcut = shortcut
  return options
}

/// A convolution under a max pool, in the ways it is computed: few channels and many, sides that the
/// window divides and does not, a gradient of the input and none.
let pooledCases: [LayerCase] =
  [
    (1, 6, 3, Activation.relu), (1, 1, 1, .relu), (2, 5, 5, .linear), (3, 7, 2, .relu),
    (6, 12, 3, .relu), (8, 18, 3, .relu), (7, 6, 4, .linear), (9, 20, 3, .relu), (3, 4, 3, .tanh),
  ].flatMap { channels, filters, kernel, activation in
    [(9, 7), (12, 11), (8, 40)].map { height, width in
      LayerCase(
        .image(height: height, width: width, channels: channels),
        convolution(filters, kernel, activation), .maxPool(.init(window: 2)))
    }
  } + [
    LayerCase(
      .image(height: 4, width: 4, channels: 1), convolution(6, 3, .relu),
      .maxPool(.init(window: 2))),
    LayerCase(
      .image(height: 6, width: 20, channels: 8), convolution(18, 5, .relu),
      .maxPool(.init(window: 2))),
    LayerCase(
      .image(height: 5, width: 33, channels: 2), convolution(12, 2, .linear),
      .maxPool(.init(window: 2))),
    LayerCase(picture, convolution(5, 3, .relu), .maxPool(.init(window: 3))),
    LayerCase(
      .image(height: 21, width: 19, channels: 1), convolution(6, 3, .relu),
      .maxPool(.init(window: 2)), convolution(12, 3, .relu), .maxPool(.init(window: 2)), .flatten),
    LayerCase(
      .image(height: 22, width: 26, channels: 3), convolution(7, 3, .relu),
      .maxPool(.init(window: 2)), .dropout(rate: 0), .activation(.tanh),
      convolution(5, 2, .linear),
      .maxPool(.init(window: 2)), .averagePool(.init(window: 2)), convolution(8, 1, .relu)),
  ]
