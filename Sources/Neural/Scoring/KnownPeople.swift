import Foundation

/// How the training people are used by a joint Bayesian score for a closed set.
public struct KnownPeopleFit: Codable, Sendable, Equatable {
  /// What the log likelihoods are divided by; defaults to 4.
  ///
  /// More than 0. Training images of a person differ less than new ones of the same person, so that
  /// the probabilities of new images are too near to 0 and 1 without it.
  public let temperature: Double?

  /// Creates a fit with a temperature; `nil` for the default.
  public init(temperature: Double? = nil) {
    self.temperature = temperature
  }

  /// The temperature that is used.
  public var temperatureOrDefault: Double { temperature ?? 4 }

  /// Throws if the temperature is not more than 0 or not finite.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  func check() throws(NeuralError) {
    guard !(temperatureOrDefault > 0 && temperatureOrDefault.isFinite) else { return }
    throw .badOption(what: "known-people", reason: "temperature must be more than 0")
  }
}

/// The training people of a joint Bayesian score for a closed set, in which every image shows one of
/// them.
///
/// The score of two images is the logarithm of the probability that both show the same training
/// person: the sum over the people of the product of the probabilities that the images show them. A
/// person has the same probability before an image is seen as every other.
///
/// What a person has in all images, in a coordinate in which it has variance v and images of a person
/// have variance 1, is known from the person's n training images: it is normally distributed around
/// n v / (1 + n v) times their mean, with variance v / (1 + n v). So an image of the person has this
/// mean and the variance 1 + v / (1 + n v).
///
/// Source: Ioffe, Probabilistic Linear Discriminant Analysis, 2006, for the distribution of an image of
/// a person with known images.
public struct KnownPeople: Sendable, Equatable {
  /// The number of training images of each person, at least 1.
  public let counts: [Float]
  /// The mean of the projected embeddings of each person, `[people, components]`, row-major.
  public let means: [Float]
  /// What the log likelihoods are divided by.
  public let temperature: Float
  /// What the square of a coordinate's distance from the centre is multiplied with,
  /// `[people, components]`.
  private let weights: [Double]
  /// The expected coordinates of an image of each person, `[people, components]`.
  private let centers: [Double]
  /// The part of a log likelihood that does not depend on the image.
  private let constants: [Double]

  /// Creates people from their numbers; `nil` if they do not fit together or are not finite.
  ///
  /// - Parameters:
  ///   - counts: the number of training images of each person.
  ///   - means: the means of their embeddings, as ``JointBayesian`` projects them.
  ///   - temperature: what the log likelihoods are divided by.
  ///   - curvatures: v / (1 + v) of each component, rounded, so that it may be 1.
  public init?(counts: [Float], means: [Float], temperature: Float, curvatures: [Float]) {
    guard !counts.isEmpty, means.count == counts.count * curvatures.count,
      (counts + means + curvatures).allSatisfy(\.isFinite), counts.allSatisfy({ $0 >= 1 }),
      curvatures.allSatisfy({ $0 > 0 && $0 <= 1 }), temperature > 0, temperature.isFinite
    else { return nil }
    self.counts = counts
    self.means = means
    self.temperature = temperature
    // A 32-bit float rounds the curvature of a variance above 3 x 10^7 to 1.
    let variances = curvatures.map { Double($0) / max(1 - Double($0), 0x1p-25) }
    var (weights, centers): ([Double], [Double]) = ([], [])
    weights.reserveCapacity(means.count)
    centers.reserveCapacity(means.count)
    constants = counts.enumerated().map { person, count in
      var constant = 0.0
      for (component, variance) in variances.enumerated() {
        let known = Double(count) * variance
        let spread = 1 + variance / (1 + known)
        // The projection has multiplied the coordinate by sqrt(v / (1 + 2 v)).
        weights.append((1 + 2 * variance) / (variance * spread))
        centers.append(
          known / (1 + known) * Double(means[person * variances.count + component]))
        constant -= log(spread) / 2
      }
      return constant
    }
    self.weights = weights
    self.centers = centers
  }

  /// The probabilities that an image shows each of the people.
  ///
  /// - Parameter image: the projected embedding.
  /// - Returns: a number in 0...1 for each person, with the sum 1.
  func probabilities(_ image: ArraySlice<Float>) -> [Double] {
    let image = image.map(Double.init)
    let likelihoods = counts.indices.map { person in
      let start = person * image.count
      var sum = 0.0
      for component in image.indices {
        let difference = image[component] - centers[start + component]
        sum += weights[start + component] * difference * difference
      }
      return (constants[person] - sum / 2) / Double(temperature)
    }
    let largest = likelihoods.max() ?? 0
    let relative = likelihoods.map { exp($0 - largest) }
    let sum = relative.reduce(0, +)
    return relative.map { $0 / sum }
  }

  /// The derivative with respect to a projected embedding of a value whose derivative with respect to
  /// the probabilities is known.
  func gradient(of image: ArraySlice<Float>, _ gradient: [Float]) -> [Float] {
    let probabilities = probabilities(image)
    let image = image.map(Double.init)
    let mean = zip(probabilities, gradient).reduce(0.0) { $0 + $1.0 * Double($1.1) }
    var result = [Double](repeating: 0, count: image.count)
    for (person, probability) in probabilities.enumerated() {
      let factor = probability * (Double(gradient[person]) - mean) / Double(temperature)
      let start = person * image.count
      for component in image.indices {
        result[component] -=
          factor * weights[start + component] * (image[component] - centers[start + component])
      }
    }
    return result.map(Float.init)
  }
}
