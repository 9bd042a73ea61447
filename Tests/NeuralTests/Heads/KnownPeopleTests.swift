import Foundation
import Testing

@testable import Neural

@Suite("A joint Bayesian score for a closed set")
struct KnownPeopleTests {
  private let length = 5

  private func fit(
    _ rows: EmbeddingRows, _ people: [Int], temperature: Double, usesDirections: Bool = false
  ) throws -> JointBayesian {
    try JointBayesianFit(knownPeople: KnownPeopleFit(temperature: temperature)).fit(
      rows, people: people, usesDirections: usesDirections)
  }

  /// The log density of images of one person: each is a shared part plus one of its own.
  private func logDensity(
    _ images: [[Double]], within: [[Double]], between: [[Double]]
  ) -> Double {
    let size = images.count * length
    let covariance = (0..<size).map { row in
      (0..<size).map { column in
        between[row % length][column % length]
          + (row / length == column / length ? within[row % length][column % length] : 0)
      }
    }
    return PeopleModel.logDensity(covariance, images.flatMap { $0 })
  }

  @Test(
    "is the probability of Bayes' rule that both images show the same training person",
    arguments: [(1.0, false), (1, true), (3, false)])
  func definition(temperature: Double, usesDirections: Bool) throws {
    // People with one to four training images, in an order in which they are not grouped, and whose
    // numbers are not those of their rows.
    let (sorted, owners) = PeopleModel.drawn(people: 20, images: { 1 + $0 % 4 }, length: length)
    let order = sorted.count * 7 / 10
    let places = (0..<sorted.count).map { ($0 * 7 + order) % sorted.count }
    #expect(Set(places).count == sorted.count)
    let rows = EmbeddingRows(values: places.flatMap { Array(sorted.row($0)) }, length: length)
    let people = places.map { 50 - 2 * owners[$0] }
    let model = try fit(
      rows, people, temperature: temperature, usesDirections: usesDirections)

    let inputs = usesDirections ? rows.directions : rows
    var (mean, within, between) = PeopleModel.covariances(inputs, people)
    let added = 0.1 * (0..<length).reduce(0) { $0 + within[$1][$1] } / Double(length)
    for place in 0..<length { within[place][place] += added }
    func centred(_ row: ArraySlice<Float>) -> [Double] {
      zip(row, mean).map { Double($0) - $1 }
    }
    let groups = Dictionary(grouping: people.indices) { people[$0] }.sorted { $0.key < $1.key }
    let (new, _) = PeopleModel.drawn(people: 9, images: { _ in 1 }, length: length)
    let tested = EmbeddingRows(
      values: Array(rows.values.prefix(4 * length)) + new.values, length: length)
    let probabilities = (0..<tested.count).map { place -> [Double] in
      let image = centred((usesDirections ? tested.directions : tested).row(place))
      let likelihoods = groups.map { _, rows -> Double in
        let known = rows.map { centred(inputs.row($0)) }
        return
          (logDensity(known + [image], within: within, between: between)
          - logDensity(known, within: within, between: between)) / temperature
      }
      let largest = likelihoods.max() ?? 0
      let sum = likelihoods.reduce(0) { $0 + exp($1 - largest) }
      return likelihoods.map { exp($0 - largest) / sum }
    }
    let projected = model.project(tested)
    #expect(projected.length == 20)
    for (place, expected) in probabilities.enumerated() {
      for (found, expected) in zip(projected.row(place), expected) {
        #expect(abs(Double(found) - expected) < 1e-4)
      }
    }
    for (left, right) in [(0, 1), (0, 5), (4, 8), (12, 12)] {
      let sum = zip(probabilities[left], probabilities[right]).reduce(0) { $0 + $1.0 * $1.1 }
      let found = model.rule.scores(projected, pairs: [(left: left, right: right)])[0]
      #expect(abs(Double(found) - log(sum)) < 2e-3 * max(1, abs(log(sum))))
    }
  }

  @Test("depends on neither the order of two embeddings nor on others, to the bit")
  func symmetric() throws {
    let (rows, people) = PeopleModel.drawn(people: 30, images: { _ in 3 }, length: 37)
    let model = try fit(rows, people, temperature: 4, usesDirections: true)
    PeopleModel.expectIndependent(model, rows)
    // A probability that a 32-bit float cannot hold.
    let apart = ScoreRule.knownPeople.matrix(
      EmbeddingRows(values: [1, 0], length: 2), EmbeddingRows(values: [0, 1, 1, 0], length: 2))
    #expect(apart[0].isFinite && apart[0] < -80 && apart[1] == 0)
  }

  @Test("has the derivatives that differences have", arguments: [false, true])
  func derivatives(usesDirections: Bool) throws {
    let (rows, people) = PeopleModel.drawn(people: 12, images: { 1 + $0 % 3 }, length: length)
    let model = try fit(rows, people, temperature: 4, usesDirections: usesDirections)
    let (left, right) = (Array(rows.row(0)), Array(rows.row(9)))
    func projected(_ left: [Float], _ right: [Float]) -> EmbeddingRows {
      model.project(EmbeddingRows(values: left + right, length: length))
    }
    func score(_ left: [Float], _ right: [Float]) -> Double {
      Double(model.rule.scores(projected(left, right), pairs: [(left: 0, right: 1)])[0])
    }
    let both = projected(left, right)
    let gradient = model.rule.gradient(Array(both.row(0)), Array(both.row(1)))
    let found = (model.gradient(of: left, gradient.left), model.gradient(of: right, gradient.right))
    #expect(found.0.contains { abs($0) > 0.01 })
    for place in 0..<length {
      func moved(_ embedding: [Float], _ step: Float) -> [Float] {
        var embedding = embedding
        embedding[place] += step
        return embedding
      }
      let expected = (
        (score(moved(left, 0.01), right) - score(moved(left, -0.01), right)) / 0.02,
        (score(left, moved(right, 0.01)) - score(left, moved(right, -0.01))) / 0.02
      )
      #expect(abs(Double(found.0[place]) - expected.0) < 5e-3 * max(1, abs(expected.0)))
      #expect(abs(Double(found.1[place]) - expected.1) < 5e-3 * max(1, abs(expected.1)))
    }
    let apart = ScoreRule.knownPeople.gradient([1, 0], [0, 1])
    #expect(apart.left == [0, 0] && apart.right == [0, 0])
  }

  @Test("is learned from images of a person that hardly differ")
  func collapsed() throws {
    // Two people with the directions 0 and 1 and one in between, with differences of 10^-5.
    let values: [Float] = [1, 0, 1, 1e-5, 0, 1, 1e-5, 1, 0.6, 0.8, 0.6, 0.80001]
    let rows = EmbeddingRows(values: values, length: 2)
    let model = try fit(rows, [0, 0, 1, 1, 2, 2], temperature: 4)
    let projected = model.project(rows)
    for row in 0..<6 { #expect(abs(projected.row(row)[3 * row + row / 2] - 1) < 1e-6) }
    let scores = model.rule.scores(projected, pairs: [(left: 0, right: 1), (left: 0, right: 2)])
    #expect(abs(scores[0]) < 1e-6 && scores[1] < -80)
  }

  @Test("is refused with an invalid temperature and with numbers that do not fit together")
  func refusals() {
    for temperature in [0, -1, .nan, .infinity] {
      let fit = JointBayesianFit(knownPeople: KnownPeopleFit(temperature: temperature))
      #expect(throws: NeuralError.self) { try fit.check() }
    }
    func people(
      counts: [Float] = [1, 2], means: [Float] = [0, 1, 2, 3], temperature: Float = 4,
      curvatures: [Float] = [0.5, 0.9]
    ) -> KnownPeople? {
      KnownPeople(
        counts: counts, means: means, temperature: temperature, curvatures: curvatures)
    }
    #expect(people() != nil)
    #expect(people(counts: [1, 0]) == nil && people(counts: [1]) == nil)
    #expect(people(means: [0, 1, 2, .nan]) == nil && people(temperature: 0) == nil)
    #expect(people(curvatures: [0.5, 1.1]) == nil && people(curvatures: [0, 0.5]) == nil)
    func score(_ curvatures: [Float]) -> JointBayesian? {
      JointBayesian(
        usesDirections: false, mean: [0], matrix: curvatures, curvatures: curvatures, bias: 0,
        people: people())
    }
    #expect(score([0.5, 0.9]) != nil && score([0.5]) == nil)
  }
}
