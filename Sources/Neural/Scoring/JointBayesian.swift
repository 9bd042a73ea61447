/// A score that is learned from the embeddings of training people: the joint Bayesian log likelihood
/// ratio.
///
/// An embedding is taken as the sum of what a person has in all images and of what differs between the
/// images of one person, both normally distributed. The score of two embeddings is the logarithm of
/// how much more likely both are if the first part is the same in them.
///
/// The embeddings are projected first, so that the second part has variance 1 in each coordinate and
/// no coordinate depends on another. With the variance v of the first part in a coordinate, the score
/// is the sum over the coordinates of
/// log((1 + v) / sqrt(1 + 2 v)) + v / (1 + 2 v) a b - v^2 / (2 (1 + v) (1 + 2 v)) (a^2 + b^2).
/// The projection scales each coordinate by sqrt(v / (1 + 2 v)), which leaves
/// ``ScoreRule/jointBayesian(curvatures:bias:)``.
///
/// For a closed set the training people are compared with too; see ``KnownPeople``. An embedding is then
/// projected to the probabilities that it shows each of them.
///
/// Source: Chen and others, Bayesian Face Revisited: A Joint Formulation, 2012; Ioffe, Probabilistic
/// Linear Discriminant Analysis, 2006, for the projection.
public struct JointBayesian: Sendable, Equatable {
  /// Whether embeddings are divided by their Euclidean length first.
  public let usesDirections: Bool
  /// The mean of the training embeddings, `[length]`.
  public let mean: [Float]
  /// The projection of an embedding without the mean, `[components, length]`, row-major.
  public let matrix: [Float]
  /// v / (1 + v) of each component, in 0..<1.
  public let curvatures: [Float]
  /// The part of the score that does not depend on the embeddings.
  public let bias: Float
  /// The training people, for a closed set; `nil` if an image may show anyone.
  public let people: KnownPeople?

  /// Creates a score from its numbers; `nil` if they do not fit together or are not finite.
  public init?(
    usesDirections: Bool, mean: [Float], matrix: [Float], curvatures: [Float], bias: Float,
    people: KnownPeople? = nil
  ) {
    guard !mean.isEmpty, !curvatures.isEmpty, matrix.count == mean.count * curvatures.count,
      (mean + matrix + curvatures + [bias]).allSatisfy(\.isFinite),
      people.map({ $0.means.count == $0.counts.count * curvatures.count }) ?? true
    else { return nil }
    self.usesDirections = usesDirections
    self.mean = mean
    self.matrix = matrix
    self.curvatures = curvatures
    self.bias = bias
    self.people = people
  }

  /// The score of two projected embeddings.
  public var rule: ScoreRule {
    people == nil ? .jointBayesian(curvatures: curvatures, bias: bias) : .knownPeople
  }

  /// Projects embeddings.
  ///
  /// - Parameter rows: embeddings of the length of ``mean``.
  /// - Returns: embeddings of the length of ``curvatures``, or a probability for each of ``people``.
  public func project(_ rows: EmbeddingRows) -> EmbeddingRows {
    let components = components(rows)
    guard let people else { return components }
    return EmbeddingRows(
      values: (0..<components.count).flatMap {
        people.probabilities(components.row($0)).map(Float.init)
      }, length: people.counts.count)
  }

  /// The independent coordinates of embeddings, `[rows, components]`.
  func components(_ rows: EmbeddingRows) -> EmbeddingRows {
    precondition(rows.length == mean.count, "embeddings of the length of the training's")
    let length = rows.length
    let inputs = usesDirections ? rows.directions : rows
    var values: [Float] = []
    values.reserveCapacity(rows.count * curvatures.count)
    var centred = [Double](repeating: 0, count: length)
    inputs.values.withUnsafeBufferPointer { inputs in
      for row in 0..<rows.count {
        for place in 0..<length {
          centred[place] = Double(inputs[row * length + place]) - Double(mean[place])
        }
        for component in curvatures.indices {
          var sum = 0.0
          for place in 0..<length {
            sum += Double(matrix[component * length + place]) * centred[place]
          }
          values.append(Float(sum))
        }
      }
    }
    return EmbeddingRows(values: values, length: curvatures.count)
  }

  /// The derivative with respect to an embedding of a value whose derivative with respect to the
  /// projected embedding is known.
  ///
  /// - Parameters:
  ///   - embedding: the embedding, not projected.
  ///   - gradient: the derivative with respect to the projected embedding.
  /// - Returns: the derivative, of the length of ``mean``.
  public func gradient(of embedding: [Float], _ gradient: [Float]) -> [Float] {
    let length = mean.count
    let gradient =
      people?.gradient(
        of: components(EmbeddingRows(values: embedding, length: length)).row(0), gradient)
      ?? gradient
    var result = (0..<length).map { place in
      curvatures.indices.reduce(0.0) {
        $0 + Double(matrix[$1 * length + place]) * Double(gradient[$1])
      }
    }
    let norm = embedding.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    if usesDirections, norm > 0 {
      // Only what is orthogonal to the embedding changes its direction.
      let direction = embedding.map { Double($0) / norm }
      let along = zip(result, direction).reduce(0.0) { $0 + $1.0 * $1.1 }
      result = zip(result, direction).map { ($0 - along * $1) / norm }
    }
    return result.map(Float.init)
  }
}
