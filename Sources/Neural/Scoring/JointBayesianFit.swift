internal import COpenBLAS
import Foundation

/// How ``JointBayesian`` is fitted.
public struct JointBayesianFit: Codable, Sendable, Equatable {
  /// The multiple of the mean variance within a person that is added to each of them; defaults to 0.1.
  ///
  /// At least 0. It matters where the images are few.
  public let shrinkage: Double?
  /// How the training people are used, for a closed set; `nil` if an image may show anyone.
  public let knownPeople: KnownPeopleFit?

  enum CodingKeys: String, CodingKey {
    case shrinkage
    case knownPeople = "known-people"
  }

  /// Creates a fit with a shrinkage, `nil` for the default, and the use of the training people.
  public init(shrinkage: Double? = nil, knownPeople: KnownPeopleFit? = nil) {
    self.shrinkage = shrinkage
    self.knownPeople = knownPeople
  }

  /// The shrinkage that is used.
  public var shrinkageOrDefault: Double { shrinkage ?? 0.1 }

  /// Components with less variance between people, relative to that within a person, add nothing.
  private static let smallestVariance = 1e-6

  /// Throws if the shrinkage is negative or not finite, or the temperature is invalid.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)``.
  public func check() throws(NeuralError) {
    try knownPeople?.check()
    guard let shrinkage, !(shrinkage >= 0 && shrinkage.isFinite) else { return }
    throw .badOption(what: "joint-bayesian", reason: "shrinkage must be at least 0")
  }

  /// Fits the score to embeddings of known people.
  ///
  /// The variance within a person is that around the mean of the person, over the people with at
  /// least two images; the variance between people is the rest of the total one. Computed in double
  /// precision with OpenBLAS, whose results depend on the processor and the number of threads.
  ///
  /// - Parameters:
  ///   - rows: the embeddings.
  ///   - people: the number of each embedding's person.
  ///   - usesDirections: whether embeddings are divided by their Euclidean length first.
  /// - Returns: the score.
  /// - Throws: ``NeuralError`` if no person has two images, or people cannot be told apart.
  public func fit(
    _ rows: EmbeddingRows, people: [Int], usesDirections: Bool
  ) throws(NeuralError) -> JointBayesian {
    precondition(rows.count == people.count, "one person for each embedding")
    let inputs = usesDirections ? rows.directions : rows
    let moments = Moments(inputs, people)
    guard moments.repeats > 0 else {
      throw .badOption(
        what: "joint-bayesian", reason: "no person has two training images to compare")
    }
    let length = inputs.length
    var within = moments.within
    let trace = (0..<length).reduce(0.0) { $0 + within[$1 * length + $1] }
    let ridge = shrinkageOrDefault * trace / Double(length)
    let between = zip(moments.total, within).map { $0 - $1 }
    for place in 0..<length { within[place * length + place] += ridge }

    let whitening = try Self.whitening(within, length)
    let products = whitening.map { Self.product(between, $0, length) }
    let whitened = products.flatMap { column in whitening.map { Self.dot($0, column) } }
    let (ratios, directions) = try Self.eigen(whitened, whitening.count)
    var (matrix, curvatures): ([Float], [Float]) = ([], [])
    var bias = 0.0
    for component in ratios.indices.reversed() where ratios[component] > Self.smallestVariance {
      let ratio = ratios[component]
      let scale = (ratio / (1 + 2 * ratio)).squareRoot()
      for place in 0..<length {
        let value = whitening.indices.reduce(0.0) {
          $0 + directions[component][$1] * whitening[$1][place]
        }
        matrix.append(Float(scale * value))
      }
      curvatures.append(Float(ratio / (1 + ratio)))
      bias += log((1 + ratio) / (1 + 2 * ratio).squareRoot())
    }
    guard
      let model = JointBayesian(
        usesDirections: usesDirections, mean: moments.mean.map(Float.init), matrix: matrix,
        curvatures: curvatures, bias: Float(bias))
    else { throw Self.alike }
    return try knownPeople.map { fit throws(NeuralError) in
      try Self.closedSet(model, rows, people: people, fit)
    } ?? model
  }

  /// The same score for a closed set of the people that it was fitted to.
  private static func closedSet(
    _ model: JointBayesian, _ rows: EmbeddingRows, people: [Int], _ fit: KnownPeopleFit
  ) throws(NeuralError) -> JointBayesian {
    let groups = Dictionary(grouping: people.indices) { people[$0] }.sorted { $0.key < $1.key }
    let components = model.components(rows)
    let means = groups.flatMap { _, images in
      (0..<components.length).map { component in
        Float(
          images.reduce(0.0) {
            $0 + Double(components.values[$1 * components.length + component])
          } / Double(images.count))
      }
    }
    let known = KnownPeople(
      counts: groups.map { Float($0.value.count) }, means: means,
      temperature: Float(fit.temperatureOrDefault), curvatures: model.curvatures)
    guard let known,
      let result = JointBayesian(
        usesDirections: model.usesDirections, mean: model.mean, matrix: model.matrix,
        curvatures: model.curvatures, bias: model.bias, people: known)
    else { throw alike }
    return result
  }

  private static let alike = NeuralError.badOption(
    what: "joint-bayesian", reason: "the embeddings of different people do not differ")

  /// The axes in which a covariance is that of independent coordinates with variance 1.
  private static func whitening(
    _ covariance: [Double], _ length: Int
  ) throws(NeuralError) -> [[Double]] {
    let (variances, axes) = try eigen(covariance, length)
    let smallest = max(smallestVariance * (variances.last ?? 0), 0)
    let whitening = variances.indices.filter { variances[$0] > smallest }.map { component in
      axes[component].map { $0 / variances[component].squareRoot() }
    }
    guard !whitening.isEmpty else {
      throw .badOption(
        what: "joint-bayesian", reason: "all embeddings of a person are equal")
    }
    return whitening
  }

  private static func dot(_ left: [Double], _ right: [Double]) -> Double {
    var sum = 0.0
    for place in left.indices { sum += left[place] * right[place] }
    return sum
  }

  private static func product(_ matrix: [Double], _ vector: [Double], _ size: Int) -> [Double] {
    (0..<size).map { row in
      var sum = 0.0
      for column in 0..<size { sum += matrix[row * size + column] * vector[column] }
      return sum
    }
  }

  /// The eigenvalues of a symmetric matrix, ascending, and its eigenvectors.
  private static func eigen(
    _ matrix: [Double], _ size: Int
  ) throws(NeuralError) -> (values: [Double], vectors: [[Double]]) {
    var (matrix, values) = (matrix, [Double](repeating: 0, count: size))
    guard copenblas_symmetric_eigen(Int32(size), &matrix, &values) == 0 else {
      throw .library(layer: "joint-bayesian", operation: "eigenvectors by LAPACK's dsyevd")
    }
    return (values, (0..<size).map { Array(matrix[$0 * size..<($0 + 1) * size]) })
  }
}

/// The mean and the variances of embeddings of known people.
private struct Moments {
  /// The mean of all embeddings.
  let mean: [Double]
  /// The covariance of all embeddings, `[length, length]`.
  let total: [Double]
  /// The covariance around the means of the people, `[length, length]`.
  let within: [Double]
  /// The number of embeddings beyond the first of each person.
  let repeats: Int

  init(_ rows: EmbeddingRows, _ people: [Int]) {
    let length = rows.length
    // Sums by person, `[person, length]`, in the order of their first rows.
    var places: [Int: Int] = [:]
    let owners = people.map { person in
      let place = places[person] ?? places.count
      places[person] = place
      return place
    }
    var counts = [Double](repeating: 0, count: places.count)
    var means = [Double](repeating: 0, count: places.count * length)
    var mean = [Double](repeating: 0, count: length)
    for (row, owner) in owners.enumerated() {
      counts[owner] += 1
      for (place, value) in rows.row(row).enumerated() {
        means[owner * length + place] += Double(value)
        mean[place] += Double(value)
      }
    }
    for place in means.indices { means[place] /= counts[place / length] }
    mean = mean.map { $0 / Double(people.count) }

    let (centre, centres) = (mean, means)
    self.mean = mean
    repeats = people.count - places.count
    total = Self.covariance(rows, divisor: Double(max(people.count - 1, 1))) { _, place in
      centre[place]
    }
    within = Self.covariance(rows, divisor: Double(max(repeats, 1))) { row, place in
      centres[owners[row] * length + place]
    }
  }

  /// Number of rows that are centred at once, so that no second copy of all is made.
  private static let block = 4_096

  /// The covariance of rows around the value that `centre` gives for each row and coordinate.
  private static func covariance(
    _ rows: EmbeddingRows, divisor: Double, centre: (Int, Int) -> Double
  ) -> [Double] {
    let length = rows.length
    var matrix = [Double](repeating: 0, count: length * length)
    for start in stride(from: 0, to: rows.count, by: block) {
      let end = min(start + block, rows.count)
      var centred: [Double] = []
      centred.reserveCapacity((end - start) * length)
      for row in start..<end {
        for (place, value) in rows.row(row).enumerated() {
          centred.append(Double(value) - centre(row, place))
        }
      }
      copenblas_add_gram(Int32(end - start), Int32(length), centred, &matrix)
    }
    for row in 0..<length {
      for column in row..<length {
        matrix[row * length + column] /= divisor
        matrix[column * length + row] = matrix[row * length + column]
      }
    }
    return matrix
  }
}
