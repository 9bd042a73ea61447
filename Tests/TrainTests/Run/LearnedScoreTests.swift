import Catalog
import Foundation
import Neural
import Pairs
import Shards
import TestSupport
import Testing

@testable import Train

@Suite("A learned score", .serialized)
struct LearnedScoreTests {
  private static let tower = """
      - convolution: {filters: 4, kernel: 3, activation: relu}
      - flatten: {}
      - dense: {units: 6}
    """
  private static let score = "score: {joint-bayesian: {shrinkage: 0.2}}"

  private func recipe(_ more: String = Self.score, loss: String = "") throws -> Recipe {
    try SmallFaces.recipe(more, tower: Self.tower, loss: loss)
  }

  private func bytes(_ folder: RunFolder) -> Data? {
    FileManager.default.contents(atPath: folder.learnedScore)
  }

  private func embedder(_ faces: SmallFaces, _ name: String, _ recipe: Recipe) throws -> Embedder {
    try Embedder(run: faces.folder(name), recipe: recipe, catalog: faces.catalog)
  }

  @Test(
    "is fitted to the embeddings of the training people alone, with their lengths if the loss uses them",
    arguments: [
      ("", false), ("loss: {contrastive: {margin: 1, distance: cosine}}", true),
    ])
  func fitted(loss: String, usesDirections: Bool) async throws {
    let faces = try await SmallFaces()
    let (plain, scored) = (try recipe("", loss: loss), try recipe(loss: loss))
    try faces.run("plain", plain)
    try faces.run("scored", scored)
    #expect(try faces.checkpoint("plain") == faces.checkpoint("scored"))
    #expect(bytes(faces.folder("plain")) == nil)

    let data = try TrainingData(StoreSet([faces.catalog]), protocolName: "p")
    #expect(data.training.identities.count == 6)
    let training = try embedder(faces, "plain", plain).embeddings(of: data.training.ids)
    let owners = data.training.ownersByID
    let expected = try JointBayesianFit(shrinkage: 0.2).fit(
      training.rows, people: training.ids.map { Int(owners[$0]) }, usesDirections: usesDirections)
    let all = try embedder(faces, "plain", plain).embeddings(of: 0..<24)
    let found = try embedder(faces, "scored", scored).embeddings(of: 0..<24)
    #expect(found.rule == expected.rule)
    #expect(found.rows == expected.project(all.rows))
    // The loss is over what the network computes, not over projected embeddings.
    #expect(
      try embedder(faces, "scored", scored).loss(
        of: [Pair(left: 0, right: 1, genuine: true)], found) == nil)
  }

  @Test("is learned when the training is over, and again when weights or settings change")
  func resumed() async throws {
    let faces = try await SmallFaces()
    let scored = try recipe()
    let folder = faces.folder("parts")
    try faces.run("whole", scored)
    try faces.run("parts", scored, steps: 4)
    #expect(bytes(folder) == nil)
    let early = try embedder(faces, "parts", scored).embeddings(of: 0..<24)
    #expect(early.rule == .distance(.euclidean) && early.rows.length == 6)
    try faces.run("parts", scored, resumed: true)
    let whole = try #require(bytes(faces.folder("whole")))
    #expect(bytes(folder) == whole)

    try Data(whole.dropLast(9)).write(to: URL(fileURLWithPath: folder.learnedScore))
    #expect(throws: TrainError.self) { try embedder(faces, "parts", scored) }
    try faces.run("parts", scored, resumed: true)
    #expect(bytes(folder) == whole)

    // A run may get a score, another one or none after its end, without a further step.
    let checkpoint = try faces.checkpoint("parts")
    let other = try recipe("score: {joint-bayesian: {}}")
    #expect(throws: TrainError.self) { try embedder(faces, "parts", other) }
    try faces.run("parts", other, resumed: true)
    let changed = try #require(bytes(folder))
    #expect(changed != whole)
    try faces.run("parts", try recipe(""), resumed: true)
    #expect(bytes(folder) == nil)
    #expect(try faces.checkpoint("parts") == checkpoint)
    try faces.run("parts", other, resumed: true)
    #expect(bytes(folder) == changed)
    // Longer training changes the weights.
    let longer = try Recipe.parse(
      yaml: other.yaml, path: "small.yaml", settings: [(key: "epochs", value: "4")])
    try faces.run("parts", longer, resumed: true)
    let learned = try #require(bytes(folder))
    #expect(learned != changed)
    _ = try embedder(faces, "parts", longer)
    // A score of other weights with the same settings.
    try changed.write(to: URL(fileURLWithPath: folder.learnedScore))
    #expect(throws: TrainError.self) { try embedder(faces, "parts", longer) }
    try faces.run("parts", longer, resumed: true)
    #expect(bytes(folder) == learned)
  }

  @Test("of a run over two stores is learned from the people of both")
  func stores() async throws {
    let (one, other) = (try await SmallFaces(), try await SmallFaces(except: [1, 2, 3, 4]))
    let data = try TrainingData(
      StoreSet([one.catalog, other.catalog]), protocolName: "p")
    let folder = one.folder("both")
    _ = try TrainingRun(
      recipe: recipe(), data: data, options: TrainingOptions(), machine: one.machine,
      folder: folder
    ).train { _ in }
    #expect(data.training.identities.count == 6 && data.training.ids.count == 36)
    // The people of both stores have the same names, so they are the same people.
    var (values, people): ([Float], [Int]) = ([], [])
    for faces in [one, other] {
      let ids = try TrainingData(StoreSet([faces.catalog]), protocolName: "p").training.ids
      let set = try Embedder(
        run: folder, recipe: recipe(), stores: StoreSet([faces.catalog]), isScored: false
      ).embeddings(of: ids)
      let owners = try SampleTable(faces.catalog).ownersByID
      values += set.rows.values
      people += set.ids.map { Int(owners[$0]) }
    }
    let rows = EmbeddingRows(values: values, length: 6)
    let expected = try JointBayesianFit(shrinkage: 0.2).fit(
      rows, people: people, usesDirections: false)
    let score = try #require(recipe().score)
    let found = try #require(try LearnedScoreFile.read(folder, score))
    let pairs = (1..<36).map { (left: $0 - 1, right: $0) }
    let (scores, others) = (
      found.rule.scores(found.project(rows), pairs: pairs),
      expected.rule.scores(expected.project(rows), pairs: pairs)
    )
    #expect(zip(scores, others).allSatisfy { abs($0 - $1) < 1e-3 * max(1, abs($1)) })
  }

  @Test("is forgotten when a run goes on with another recipe, even if it is stopped then")
  func forgotten() async throws {
    let faces = try await SmallFaces()
    let scored = try recipe()
    try faces.run("run", scored)
    #expect(bytes(faces.folder("run")) != nil)
    let longer = try Recipe.parse(
      yaml: scored.yaml, path: "small.yaml", settings: [(key: "epochs", value: "5")])
    try faces.run("run", longer, resumed: true, steps: 1)
    #expect(bytes(faces.folder("run")) == nil)
    _ = try embedder(faces, "run", longer)
  }

  @Test("belongs to the digest that thresholds and galleries are kept with")
  func digest() async throws {
    let faces = try await SmallFaces()
    let folder = faces.folder("run")
    try faces.run("run", try recipe(""))
    try TunedThreshold(
      threshold: -0.5, from: "these pairs", protocol: "p", weights: folder.scorerDigest
    ).write(to: folder)
    #expect(TunedThreshold.read(folder, weights: folder.scorerDigest) != nil)
    #expect(folder.scorerDigest == folder.weightsDigest)
    try faces.run("run", try recipe(), resumed: true)
    #expect(TunedThreshold.read(folder, weights: folder.scorerDigest) == nil)
  }

  @Test("of a closed set compares with the training people, and is refused for other protocols")
  func knownPeople() async throws {
    let faces = try await SmallFaces()
    let maker = ProtocolMaker(
      try SampleTable(faces.catalog), links: [], draw: ProtocolMaker.Draw(counts: nil, seed: 0))
    try faces.catalog.add(
      maker.split(ImageSplit(train: 1, validation: 0, seed: 0), name: "closed"))
    func known(_ temperature: Double) throws -> Recipe {
      try recipe("score: {joint-bayesian: {known-people: {temperature: \(temperature)}}}")
    }
    let closed = try known(2)
    #expect(throws: NeuralError.self) { try faces.run("open", closed) }
    try faces.add(
      IdentitySplit(train: 0.5, validation: 0, seed: 0, isExact: true), folds: 4, name: "f")
    let fold = try TrainingData(
      StoreSet([faces.catalog]), protocolName: "f",
      fold: .init(tested: 1, validation: nil, mode: .unrestricted))
    #expect(throws: NeuralError.self) { try StepPlanner(closed, data: fold, seed: 0) }
    let (plain, folder) = (try recipe(""), faces.folder("closed"))
    try faces.run("plain", plain, protocolName: "closed")
    try faces.run("closed", closed, protocolName: "closed")

    let data = try TrainingData(StoreSet([faces.catalog]), protocolName: "closed")
    #expect(data.training.identities.count == 8 && data.training.ids.count == 24)
    let training = try embedder(faces, "plain", plain).embeddings(of: data.training.ids)
    let owners = data.training.ownersByID
    let expected = try JointBayesianFit(knownPeople: KnownPeopleFit(temperature: 2)).fit(
      training.rows, people: training.ids.map { Int(owners[$0]) }, usesDirections: false)
    let all = try embedder(faces, "plain", plain).embeddings(of: 0..<24)
    let found = try embedder(faces, "closed", closed).embeddings(of: 0..<24)
    #expect(found.rule == .knownPeople && found.rows == expected.project(all.rows))

    // Another temperature, or none, is another score.
    let before = bytes(folder)
    #expect(throws: TrainError.self) { try embedder(faces, "closed", known(3)) }
    #expect(throws: TrainError.self) {
      try embedder(faces, "closed", recipe("score: {joint-bayesian: {}}"))
    }
    try faces.run("closed", known(3), protocolName: "closed", resumed: true)
    #expect(bytes(folder) != before)
    try faces.run("closed", closed, protocolName: "closed", resumed: true)
    #expect(bytes(folder) == before)
  }

  @Test("is refused beside a head, and with invalid settings")
  func badInput() throws {
    let head = "head: {weighted-difference: {}}\nloss: {binary-cross-entropy: {}}"
    #expect(throws: NeuralError.self) { try recipe(loss: head).checkLoss() }
    #expect(throws: NeuralError.self) {
      try recipe("score: {joint-bayesian: {shrinkage: -1}}").checkLoss()
    }
    #expect(throws: NeuralError.self) {
      try recipe("score: {joint-bayesian: {known-people: {temperature: 0}}}").checkLoss()
    }
    for text in [
      "score: {}", "score: {joint-bayesian: {shrink: 1}}", "score: {cosine: {}}",
      "score: {joint-bayesian: {known-people: {temp: 1}}}",
    ] {
      #expect(throws: (any Error).self) { try recipe(text) }
    }
  }
}
