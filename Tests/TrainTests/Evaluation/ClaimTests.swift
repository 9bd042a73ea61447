import Catalog
import Evaluate
import Foundation
import Neural
import Pairs
import Randomness
import Testing

@testable import Train

/// One against all, all against all, slices and errata, on embeddings that the test knows.
@Suite("A test of all claims", .serialized)
struct ClaimTests {
  private let faces: SmallFaces

  init() async throws {
    faces = try await SmallFaces()
    try faces.add(
      IdentitySplit(train: 0.5, validation: 0, seed: 0, testIdentities: ["s5", "s6", "s7", "s8"]),
      name: "q")
  }

  /// Embeddings of one number: the person's times 10 plus the picture's.
  private func embeddings() throws -> EmbeddingSet {
    var values: [(id: Int, value: Float)] = []
    try faces.catalog.forEachImage { image in
      let person = Float(image.identity.dropFirst()) ?? 0
      values.append((image.id, person * 10 + Float(image.number ?? 0)))
    }
    values.sort { $0.id < $1.id }
    return EmbeddingSet(
      EmbeddingRows(values: values.map(\.value), length: 1), ids: values.map(\.id),
      rule: .distance(.l1))
  }

  private func samples(_ name: String = "q") throws -> TestedSamples {
    try TestedSamples(name, faces.catalog, run: nil)
  }

  @Test("leaves the probe out of its own templates, and takes as many of everybody")
  func templates() throws {
    let claims = try OneVsAll(samples(), usesTraining: false, templates: .equal)
    #expect(claims.templates == 2 && claims.identities == 4 && claims.probes == 12)
    let matrix = try claims.score(embeddings())
    #expect(matrix.trueClaims == 12 && matrix.falseClaims == 36)
    // The own score would be 0 if the probe were its own template.
    for (probe, own) in matrix.own.enumerated() {
      let row = matrix.scores[probe * 4..<probe * 4 + 4].map { $0 }
      #expect([-1, -2].contains(row[own]))
      #expect(row.enumerated().allSatisfy { $0.offset == own || $0.element <= -8 })
    }
    #expect(matrix.ranks.allSatisfy { $0 == 1 })
  }

  @Test("with all templates gives impostors one more than the own person")
  func unequal() throws {
    let claims = try OneVsAll(samples(), usesTraining: false, templates: .all)
    let matrix = try claims.score(embeddings())
    // Of all three images the nearest decides: 8, 9 or 10 from the neighbour's nearest picture.
    let neighbours = (0..<12).map { probe in
      (0..<4).filter { $0 != matrix.own[probe] }.map { matrix.scores[probe * 4 + $0] }.max() ?? 0
    }
    #expect(Set(neighbours) == [-8, -9, -10])
    let one = try OneVsAll(samples(), usesTraining: false, templates: .fixed(1))
    #expect(try one.templates == 1 && one.score(embeddings()).falseClaims == 36)
  }

  @Test("takes no more templates of anybody than the person with the fewest images has")
  func fewest() throws {
    var tested: [Int] = []
    try faces.catalog.forEachImage { image in
      let isWanted = ["s7", "s8"].contains(image.identity) && image.path != "s7/3.pgm"
      if isWanted { tested.append(image.id) }
    }
    try faces.catalog.add(
      ProtocolRecord(
        name: "few", kind: "identity-split", specification: "{}",
        members: [Part(role: .test): tested.sorted()], pairs: [:]))
    let claims = try OneVsAll(samples("few"), usesTraining: false, templates: .equal)
    #expect(claims.templates == 1 && claims.probes == 5)
  }

  @Test("is refused where nobody has enough images")
  func refuses() throws {
    let samples = try samples()
    #expect(throws: TrainError.self) {
      try OneVsAll(samples, usesTraining: false, templates: .fixed(3))
    }
    #expect(throws: TrainError.self) {
      // The training people are others: there is no template.
      try OneVsAll(samples, usesTraining: true, templates: .equal)
    }
  }

  @Test("enrols the training images of a closed set")
  func closedSet() throws {
    var members: [Part: [Int]] = [:]
    try faces.catalog.forEachImage { image in
      members[Part(role: image.number == 1 ? .train : .test), default: []].append(image.id)
    }
    try faces.catalog.add(
      ProtocolRecord(
        name: "closed", kind: "closed-set-split", specification: "{}",
        members: members.mapValues { $0.sorted() }, pairs: [:]))
    let samples = try samples("closed")
    #expect(samples.isClosedSet)
    let claims = try OneVsAll(samples, usesTraining: true, templates: .equal)
    #expect(claims.identities == 8)
    let matrix = try claims.score(embeddings())
    #expect(matrix.ranks.allSatisfy { $0 == 1 })
    #expect(claims.samples.count == 24)
  }

  @Test("compares every pair once, as the pairs alone score")
  func allPairs() throws {
    let set = try embeddings()
    let table = try SampleTable(faces.catalog)
    let roc = try #require(try AllAgainstAll.roc(set, table))
    #expect(roc.genuine == 8 * 3 && roc.impostor == 24 * 23 / 2 - 8 * 3)
    var pairs: [Pair] = []
    let owner = Dictionary(
      uniqueKeysWithValues: table.identities.flatMap { identity in
        identity.samples.map { (table.ids[$0], identity.name) }
      })
    for (place, left) in table.ids.enumerated() {
      for right in table.ids[(place + 1)...] {
        pairs.append(Pair(left: left, right: right, genuine: owner[left] == owner[right]))
      }
    }
    #expect(try roc == ROC(set.comparisons(of: pairs, fold: 0)))
  }

  @Test("gives a curve of many scores that sorting gives")
  func sorted() throws {
    var random = RandomStream(seed: 2, "scores")
    let scores = (0..<150_000).map { place -> Float in
      place % 7 == 0 ? Float(place % 11) - 5 : Float(random.normal()) * 1e3
    }
    let roc = try #require(ROC(genuineFloats: scores, impostorFloats: [-0.0, 0.0, -1]))
    #expect(roc.genuineScores == scores.sorted(by: >).map(Double.init))
  }

  @Test("tells the parts of the pairs")
  func slices() throws {
    let test = try ProtocolTest(
      embeddings(), file: "", catalog: faces.catalog, protocolName: "q")
    #expect(Set(test.slices(.pose, faces: [:])) == ["none"])
    #expect(Set(test.slices(.faceFound, faces: [:])) == ["not looked for"])
    let ids = test.pairs.flatMap { [$0.left, $0.right] }
    let faces = Dictionary(ids.map { ($0, $0 == test.pairs[0].left ? 0 : 1) }) { first, _ in first }
    let names = test.slices(.faceFound, faces: faces)
    #expect(names[0] == "in one" && Set(names) == ["in one", "in both"])
    #expect(test.hasWrongLabel.allSatisfy { !$0 })
    // The audit may name the images of a pair in either order.
    let wrong = test.pairs[1]
    let paths = try [wrong.left, wrong.right].map { try #require(test.images[$0]).path }
    try self.faces.catalog.add(
      ProtocolRecord(
        name: "errata", kind: "list", specification: "{}", members: [:],
        pairs: [Part(role: .test): test.pairs]),
      findings: [Finding(kind: .wrongLabel, left: paths[1], right: paths[0])])
    let second = try ProtocolTest(
      embeddings(), file: "", catalog: self.faces.catalog, protocolName: "errata")
    #expect(second.hasWrongLabel.indices.filter { second.hasWrongLabel[$0] } == [1])
    // Genuine pairs have one identity, impostor pairs two.
    for (pair, people) in zip(test.pairs, test.identityNumbers) {
      #expect((people.0 == people.1) == pair.genuine)
    }
  }
}

/// Recognition of photographs and observation of a network.
@Suite("A network outside of a store", .serialized)
struct PixelTests {
  private let faces: SmallFaces

  init() async throws { faces = try await SmallFaces() }

  @Test(
    "embeds the pixels of a sample as the sample",
    arguments: ["", "normalization: {standardize: {}}"])
  func pixels(more: String) throws {
    let recipe = try SmallFaces.recipe(more)
    try faces.run("run", recipe)
    let ids = Array(try SampleTable(faces.catalog).ids.prefix(20))
    let stored = try Embedder(
      run: faces.folder("run"), recipe: recipe, catalog: faces.catalog
    ).embeddings(of: ids)
    let embedder = try PixelEmbedder(run: faces.folder("run"), recipe: recipe)
    // More images than are computed at once.
    let read = try embedder.embeddings(of: ids.map { try faces.sample($0) })
    for (row, id) in ids.enumerated() {
      let expected = stored.rows.row(try #require(stored.row(of: id)))
      for (one, other) in zip(read.row(row), expected) { #expect(abs(one - other) < 1e-5) }
    }
    #expect(embedder.rule == stored.rule)
  }

  @Test(
    "has the gradient of its score that small changes of pixels give",
    arguments: [
      "", "head: {weighted-difference: {}}", "head: {weighted-distance: {distance: cosine}}",
    ], ["", "flip-averaging: true"])
  func gradient(head: String, flips: String) throws {
    let recipe = try SmallFaces.recipe(
      "normalization: {raw: {}}\n" + flips,
      tower:
        "  - flatten: {}\n  - batch-normalization: {}\n  - dropout: {rate: 0.5}\n  - dense: {units: 6}",
      loss: head.isEmpty ? "" : head + "\nloss: {binary-cross-entropy: {}}")
    #expect(recipe.tower.count == 4 && (recipe.head != nil) == !head.isEmpty)
    try faces.run("run", recipe)
    let ids = try SampleTable(faces.catalog).ids
    let (left, right) = (try faces.sample(ids[0]), try faces.sample(ids[20]))
    func observed(_ pixels: [UInt8]) throws -> Observation {
      try Observation(run: faces.folder("run"), recipe: recipe, left: pixels, right: right)
    }
    let observation = try observed(left)
    let embedder = try PixelEmbedder(run: faces.folder("run"), recipe: recipe)
    let score = embedder.rule.scores(
      try embedder.embeddings(of: [left, right]), pairs: [(left: 0, right: 1)])[0]
    #expect(abs(observation.score - score) <= 1e-5 * max(abs(score), 1))
    #expect(
      observation.layers.map(\.name) == ["flatten", "batch-normalization", "dropout", "dense"])
    #expect(observation.layers[0].values == left.map(Float.init))
    let largest = observation.gradient.map(abs).max() ?? 0
    #expect(largest > 0)
    for place in [0, 31, 90, 167] {
      var (more, less) = (left, left)
      more[place] = left[place] < 255 ? left[place] + 1 : 255
      less[place] = left[place] > 0 ? left[place] - 1 : 0
      let slope =
        try (observed(more).score - observed(less).score) / Float(more[place] - less[place])
      #expect(abs(slope - observation.gradient[place]) < 0.03 * largest, "\(place)")
    }
  }

  @Test("forgets its threshold when its weights change")
  func threshold() throws {
    let recipe = try SmallFaces.recipe()
    try faces.run("run", recipe)
    let folder = faces.folder("run")
    #expect(TunedThreshold.read(folder, weights: folder.scorerDigest) == nil)
    let tuned = TunedThreshold(
      threshold: -0.5, from: "a", protocol: "p", weights: folder.scorerDigest)
    try tuned.write(to: folder)
    #expect(TunedThreshold.read(folder, weights: folder.scorerDigest) == tuned)
    try faces.run("other", try SmallFaces.recipe("freeze: 0"), steps: 2)
    let other = faces.folder("other")
    try tuned.write(to: other)
    #expect(TunedThreshold.read(other, weights: other.scorerDigest) == nil)
    // What a training has replaced since the network was read does not count.
    let embedder = try PixelEmbedder(run: folder, recipe: recipe)
    try FileManager.default.removeItem(atPath: folder.weights)
    try FileManager.default.copyItem(atPath: other.weights, toPath: folder.weights)
    #expect(embedder.scorerDigest == tuned.weights && folder.scorerDigest != tuned.weights)
    #expect(TunedThreshold.read(folder, weights: embedder.scorerDigest) == tuned)
  }
}

@Suite("An overview of a run")
struct RunOverviewTests {
  @Test("counts the time between the lines of a call, without evaluations")
  func timing() throws {
    // Ten steps a second, one second of evaluation, then a second call that begins at step 20.
    let lines = """
      {"seconds":1,"step":10}
      {"evaluated_step":20,"seconds":1}
      {"seconds":3,"step":20}
      {"seconds":0.5,"step":25}
      {"seconds":1.5,"step":35}
      """
    let timing = try #require(RunOverview.timing(lines))
    #expect(timing.steps == 30 && abs(timing.seconds - 3) < 1e-9)
    #expect(RunOverview.timing("") == nil)
  }

  @Test("counts every call from where it began, also one that was slower than the one before")
  func calls() throws {
    // 30 steps in 2 s, then 70 in 8 s, of which 1 s was an evaluation; another evaluation was lost.
    let lines = """
      {"first_step":0,"seconds":2,"step":30}
      {"evaluated_step":40,"first_step":0,"seconds":5}
      {"evaluated_step":60,"first_step":30,"seconds":1}
      {"first_step":30,"seconds":4,"step":60}
      {"first_step":30,"seconds":8,"step":100}
      """
    let timing = try #require(RunOverview.timing(lines))
    #expect(timing.steps == 100 && abs(timing.seconds - 9) < 1e-9)
  }
}
