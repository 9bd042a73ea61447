import Foundation
import Randomness

/// A map of points on a plane that keeps neighbours together: t-SNE, computed exactly.
///
/// Source: van der Maaten and Hinton, Visualizing data using t-SNE, Journal of Machine Learning
/// Research 9, 2008.
public enum NeighbourEmbedding {
  /// Number of iterations, and of those at the start in which attraction is exaggerated.
  private static let (iterations, exaggerated) = (500, 100)

  /// Places points on a plane; the work grows with the square of their number.
  ///
  /// - Parameters:
  ///   - values: the points, `[count, length]`, row-major.
  ///   - length: the number of coordinates.
  ///   - perplexity: the approximate number of neighbours of a point.
  ///   - seed: the seed of the first positions.
  /// - Returns: the two coordinates of each point.
  public static func project(
    _ values: [Float], length: Int, perplexity: Double = 20, seed: Int = 0
  ) -> [(x: Double, y: Double)] {
    let count = values.count / length
    guard count > 2 else { return (0..<count).map { (Double($0), 0) } }
    let affinities = affinities(
      values, length, count, perplexity: min(perplexity, Double(count - 1) / 3))
    var random = RandomStream(seed: seed, "map")
    var places = (0..<2 * count).map { _ in random.normal() * 1e-4 }
    var velocity = [Double](repeating: 0, count: 2 * count)
    var gains = [Double](repeating: 1, count: 2 * count)
    for iteration in 0..<iterations {
      let isEarly = iteration < exaggerated
      let gradient = gradient(places, affinities, count, factor: isEarly ? 12 : 1)
      let momentum = isEarly ? 0.5 : 0.8
      for place in places.indices {
        let agrees = (gradient[place] > 0) == (velocity[place] > 0)
        gains[place] = max(0.01, agrees ? gains[place] * 0.8 : gains[place] + 0.2)
        velocity[place] =
          momentum * velocity[place]
          - max(Double(count) / 12, 50) * gains[place] * gradient[place]
        places[place] += velocity[place]
      }
    }
    return (0..<count).map { (places[2 * $0], places[2 * $0 + 1]) }
  }

  /// The probabilities of two points being neighbours, `[count, count]`; their sum is 1.
  private static func affinities(
    _ values: [Float], _ length: Int, _ count: Int, perplexity: Double
  ) -> [Double] {
    var joint = [Double](repeating: 0, count: count * count)
    for one in 0..<count {
      let distances = (0..<count).map { other in
        (0..<length).reduce(0.0) { sum, column in
          let difference = Double(values[one * length + column] - values[other * length + column])
          return sum + difference * difference
        }
      }
      let row = conditional(distances, except: one, entropy: log(perplexity))
      for other in 0..<count {
        joint[one * count + other] += row[other] / Double(2 * count)
        joint[other * count + one] += row[other] / Double(2 * count)
      }
    }
    return joint
  }

  /// The probabilities of the neighbours of one point, with a width that gives the entropy.
  private static func conditional(
    _ distances: [Double], except own: Int, entropy: Double
  ) -> [Double] {
    let nearest = distances.enumerated().filter { $0.offset != own }.map(\.element).min() ?? 0
    var (low, high, precision) = (0.0, Double.infinity, 1.0)
    var row = [Double](repeating: 0, count: distances.count)
    for _ in 0..<100 {
      for (place, distance) in distances.enumerated() {
        row[place] = place == own ? 0 : exp(-precision * (distance - nearest))
      }
      let sum = row.reduce(0, +)
      row = row.map { $0 / sum }
      let found = row.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
      if abs(found - entropy) < 1e-5 { break }
      if found > entropy { low = precision } else { high = precision }
      precision = high.isFinite ? (low + high) / 2 : precision * 2
    }
    return row
  }

  private static func gradient(
    _ places: [Double], _ affinities: [Double], _ count: Int, factor: Double
  ) -> [Double] {
    var closeness = [Double](repeating: 0, count: count * count)
    var total = 0.0
    for one in 0..<count {
      for other in 0..<count where other != one {
        let x = places[2 * one] - places[2 * other]
        let y = places[2 * one + 1] - places[2 * other + 1]
        let value = 1 / (1 + x * x + y * y)
        closeness[one * count + other] = value
        total += value
      }
    }
    var gradient = [Double](repeating: 0, count: 2 * count)
    for one in 0..<count {
      for other in 0..<count where other != one {
        let near = closeness[one * count + other]
        let force = 4 * (factor * affinities[one * count + other] - near / total) * near
        gradient[2 * one] += force * (places[2 * one] - places[2 * other])
        gradient[2 * one + 1] += force * (places[2 * one + 1] - places[2 * other + 1])
      }
    }
    return gradient
  }
}
