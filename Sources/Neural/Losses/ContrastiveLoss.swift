import Configuration
import Foundation

/// A contrastive loss: a loss on the distance of two embeddings with a margin; y = 1 for genuine
/// pairs.
package struct ContrastiveLoss: PairDistanceLoss {
  package static let name = "contrastive"
  package static var optionNames: [String]? { CodingKeys.allCases.map(\.rawValue) }

  /// The margin.
  let margin: Float
  /// The form; defaults to keras.
  var form: Form?
  /// The distance; defaults to that of the form.
  var givenDistance: Distance?
  /// The value that takes the place of the distance; defaults to the distance.
  var target: Target?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case margin, form
    case givenDistance = "distance"
    case target = "on"
  }

  /// The value that the loss is a function of.
  package enum Target: String, NamedChoice, Sendable {
    /// The distance of the embeddings.
    case distance
    /// 1 - the sigmoid of a head's logit, in 0...1. With a margin of 1 the keras form is then the
    /// mean squared error of the sigmoid, as in an assignment report on LFW.
    case sigmoid
  }

  /// The published forms of the contrastive loss; m is the margin, D = sqrt(max(d^2, 1e-7)).
  ///
  /// With another distance it takes the place of D, of d^2 or of E.
  package enum Form: String, NamedChoice, Sendable {
    /// y D^2 + (1 - y) max(m - D, 0)^2.
    ///
    /// Source: Keras's examples.
    case keras
    /// Half of the `keras` form.
    ///
    /// Source: Hadsell, Chopra and LeCun, Dimensionality reduction by learning an invariant
    /// mapping, 2006, equation 4, with the label inverted.
    case hadsell
    /// y d^2 + (1 - y) max(m - d^2, 0).
    ///
    /// Source: the package siamese_net.
    case squaredHinge = "squared-hinge"
    /// y (2 / m) E^2 + (1 - y) 2 m exp(-2.77 E / m) with E the L1 distance, which is at most m.
    ///
    /// Source: Chopra, Hadsell and LeCun, Learning a Similarity Metric Discriminatively, 2005,
    /// equation 8.
    case exponential
  }

  var needsHead: Bool { target == .sigmoid }
  var distance: Distance? { needsHead ? nil : givenDistance ?? defaultDistance }

  var valueOfConstantEmbedding: Float? {
    needsHead ? nil : (value(at: 0, true).value + value(at: 0, false).value) / 2
  }

  private var defaultDistance: Distance {
    switch form ?? .keras {
    case .keras, .hadsell: .euclidean
    case .squaredHinge: .squaredEuclidean
    case .exponential: .l1
    }
  }

  func check() throws(NeuralError) {
    guard margin > 0, margin.isFinite else {
      throw .badOption(what: Self.name, reason: "margin must be more than 0")
    }
    guard !needsHead || givenDistance == nil else {
      throw .badOption(
        what: Self.name, reason: "with on: sigmoid there is no distance, so leave it out")
    }
  }

  func makeFunction(_ context: LossContext) throws(NeuralError) -> any LossFunction {
    guard needsHead else { return PairDistanceFunction(loss: self) }
    return try PairLogitFunction(context, of: "\(Self.name) on: sigmoid") { logit, isGenuine in
      let sigmoid = 1 / (1 + exp(-logit))
      let (value, derivative) = value(at: 1 - sigmoid, isGenuine)
      return (value, -derivative * sigmoid * (1 - sigmoid))
    }
  }

  /// Returns the loss of a pair whose distance, or what takes its place, is known, and its
  /// derivative.
  private func value(at distance: Float, _ isGenuine: Bool) -> (value: Float, derivative: Float) {
    let gap = max(margin - distance, 0)
    switch form ?? .keras {
    case .keras, .hadsell:
      let scale: Float = form == .hadsell ? 0.5 : 1
      return isGenuine
        ? (scale * distance * distance, scale * 2 * distance)
        : (scale * gap * gap, -2 * scale * gap)
    case .squaredHinge: return isGenuine ? (distance, 1) : (gap, gap > 0 ? -1 : 0)
    case .exponential:
      let decay = exp(-2.77 * distance / margin)
      return isGenuine
        ? (2 / margin * distance * distance, 4 / margin * distance)
        : (2 * margin * decay, -2 * 2.77 * decay)
    }
  }

  func evaluate(_ rows: PairRows, isGenuine: Bool) -> Float {
    let kind = givenDistance ?? defaultDistance
    let distance = rows.distance(kind, gradientTimes: 0)
    let (value, derivative) = value(at: distance, isGenuine)
    if derivative != 0 { _ = rows.distance(kind, gradientTimes: rows.scale * derivative) }
    return value
  }
}

extension Loss {
  /// A contrastive loss with a margin.
  package static func contrastive(
    margin: Float, form: ContrastiveLoss.Form?, distance: Distance? = nil,
    on target: ContrastiveLoss.Target? = nil
  ) -> Loss {
    .init(
      ContrastiveLoss(margin: margin, form: form, givenDistance: distance, target: target))
  }
}
