import Testing

@testable import Neural

@Suite("A joint Bayesian score")
struct JointBayesianTests {
  @Test(
    "is the logarithm of the ratio of two likelihoods", arguments: [0, 0.1, 2], [false, true])
  func definition(shrinkage: Double, usesDirections: Bool) throws {
    let length = 5
    // People with one image have a part in the total variance alone.
    let (rows, people) = PeopleModel.drawn(people: 40, images: { 1 + $0 % 4 }, length: length)
    let model = try JointBayesianFit(shrinkage: shrinkage).fit(
      rows, people: people, usesDirections: usesDirections)
    let inputs = usesDirections ? rows.directions : rows
    var (mean, within, between) = PeopleModel.covariances(inputs, people)
    let added = shrinkage * (0..<length).reduce(0) { $0 + within[$1][$1] } / Double(length)
    for place in 0..<length { within[place][place] += added }
    let total = zip(within, between).map { zip($0, $1).map { $0 + $1 } }
    let same =
      total.indices.map { total[$0] + between[$0] } + total.indices.map { between[$0] + total[$0] }

    let projected = model.project(rows)
    for (left, right) in [(0, 1), (0, 2), (5, 20), (7, 7), (30, 50)] {
      let one = inputs.row(left).enumerated().map { Double($1) - mean[$0] }
      let other = inputs.row(right).enumerated().map { Double($1) - mean[$0] }
      let expected =
        PeopleModel.logDensity(same, one + other) - PeopleModel.logDensity(total, one)
        - PeopleModel.logDensity(total, other)
      let found = model.rule.scores(projected, pairs: [(left: left, right: right)])[0]
      #expect(abs(Double(found) - expected) < 1e-4 * max(1, abs(expected)))
    }
  }

  @Test("depends on neither the order of two embeddings nor on others, to the bit")
  func symmetric() throws {
    let (rows, people) = PeopleModel.drawn(people: 30, images: { _ in 3 }, length: 37)
    let model = try JointBayesianFit().fit(rows, people: people, usesDirections: true)
    PeopleModel.expectIndependent(model, rows)
  }

  @Test("has the derivatives that differences have", arguments: [false, true])
  func derivatives(usesDirections: Bool) throws {
    let length = 6
    let (rows, people) = PeopleModel.drawn(people: 25, images: { _ in 3 }, length: length)
    let model = try JointBayesianFit().fit(
      rows, people: people, usesDirections: usesDirections)
    let (left, right) = (Array(rows.row(0)), Array(rows.row(4)))
    func score(_ left: [Float]) -> Double {
      let both = model.project(EmbeddingRows(values: left + right, length: length))
      return Double(model.rule.scores(both, pairs: [(left: 0, right: 1)])[0])
    }
    let both = model.project(EmbeddingRows(values: left + right, length: length))
    let gradient = model.rule.gradient(Array(both.row(0)), Array(both.row(1)))
    let found = model.gradient(of: left, gradient.left)
    for place in 0..<length {
      var (more, less) = (left, left)
      more[place] += 0.01
      less[place] -= 0.01
      let expected = (score(more) - score(less)) / 0.02
      #expect(abs(Double(found[place]) - expected) < 5e-3 * max(1, abs(expected)))
    }
  }

  @Test("is refused where nothing can be learned")
  func refusals() throws {
    let rows = EmbeddingRows(values: [1, 2, 3, 4, 5, 7], length: 2)
    func fails(_ people: [Int], _ rows: EmbeddingRows, _ reason: String) {
      do {
        _ = try JointBayesianFit().fit(rows, people: people, usesDirections: false)
        Issue.record("a score of \(people)")
      } catch { #expect("\(error)".contains(reason)) }
    }
    fails([0, 1, 2], rows, "no person has two training images")
    // The same two embeddings for every person.
    let equal = EmbeddingRows(values: [1, 2, 2, 1, 1, 2, 2, 1], length: 2)
    fails([0, 0, 1, 1], equal, "do not differ")
    // A collapsed network.
    let collapsed = EmbeddingRows(values: [Float](repeating: 1, count: 8), length: 2)
    fails([0, 0, 1, 1], collapsed, "are equal")
    for shrinkage in [-0.1, .nan, .infinity] {
      #expect(throws: NeuralError.self) { try JointBayesianFit(shrinkage: shrinkage).check() }
    }
  }
}
