import Catalog
import Foundation
import Neural
import Pairs
import TestSupport
import Testing

@testable import Evaluate
@testable import Train

/// One training for each fold, over drawn faces in four folds of two people.
@Suite("A cross-validation", .serialized)
struct FoldTrainingTests {
  private let faces: SmallFaces

  init() async throws {
    faces = try await SmallFaces()
    try faces.add(
      IdentitySplit(train: 0.5, validation: 0, seed: 0, isExact: true), folds: 4, name: "f")
  }

  private func training(
    _ mode: TrainingData.Fold.Mode = .unrestricted, holdsOut: Bool = false,
    _ settings: [(key: String, value: String)] = [], folder: String = "cv"
  ) throws -> FoldTraining {
    FoldTraining(
      recipe: try Recipe.parse(
        yaml: SmallFaces.recipe().yaml, path: "r", settings: settings),
      catalog: faces.catalog, protocolName: "f", mode: mode, holdsOut: holdsOut,
      folder: faces.scratch.file(folder))
  }

  private func people(_ ids: some Sequence<Int>) throws -> Set<String> {
    let wanted = Set(ids)
    return Set(try SampleTable(faces.catalog).restricted(to: wanted).identities.map(\.name))
  }

  private func tested(_ fold: Int) throws -> Set<String> {
    try people(faces.catalog.members(of: "f", Part(fold: fold, role: .test)))
  }

  @discardableResult
  private func run(_ training: FoldTraining, _ fold: Int) throws -> Int {
    var steps = 0
    try training.train(fold, options: TrainingOptions(), machine: faces.machine) { event, _ in
      if case .step = event { steps += 1 }
    }
    return steps
  }

  @Test("trains on all people of the other folds, and on nobody of the tested one")
  func disjoint() throws {
    let stores = StoreSet([faces.catalog])
    for tested in 1...4 {
      let data = try TrainingData(
        stores, protocolName: "f",
        fold: .init(tested: tested, validation: nil, mode: .unrestricted))
      let names = Set(data.training.identities.map(\.name))
      #expect(try names.isDisjoint(with: self.tested(tested)) && names.count == 6)
      #expect(data.training.ids.count == 18)
      let held = try TrainingData(
        stores, protocolName: "f",
        fold: .init(tested: tested, validation: tested % 4 + 1, mode: .unrestricted))
      #expect(held.training.identities.count == 4)
      #expect(
        try Set(held.validation.identities.map(\.name)) == self.tested(tested % 4 + 1))
    }
  }

  @Test("uses only the pairs of the other folds in restricted mode")
  func restricted() throws {
    #expect(throws: TrainError.self) { try run(training(.restricted), 1) }
    let listed = try training(.restricted, [("sampler", "{listed: {}}"), ("batch", "5")])
    let data = try TrainingData(
      StoreSet([faces.catalog]), protocolName: "f",
      fold: .init(tested: 2, validation: nil, mode: .restricted))
    var planner = try StepPlanner(listed.recipe, data: data, seed: 0)
    let expected = try [1, 3, 4].flatMap {
      try faces.catalog.pairs(of: "f", Part(fold: $0, role: .test))
    }
    var drawn: [Pair] = []
    for step in 0..<planner.stepsPerEpoch {
      let plan = planner.plan(epoch: 0, step: step)
      guard case .genuine(let genuine) = plan.labels else {
        Issue.record("listed pairs have labels of pairs")
        return
      }
      drawn += genuine.enumerated().map {
        Pair(left: plan.samples[$0], right: plan.samples[5 + $0], genuine: $1)
      }
    }
    #expect(Set(drawn) == Set(expected) && drawn.count == expected.count && drawn != expected)
    // A learned score would need to know who is in an image.
    let scored = try training(
      .restricted,
      [("sampler", "{listed: {}}"), ("batch", "5"), ("score", "{joint-bayesian: {}}")],
      folder: "scored")
    #expect(throws: NeuralError.self) { try run(scored, 2) }
    try run(listed, 2)
    #expect(try TrainedOn(listed.run(of: 2)).people.count == 6)
  }

  @Test("learns the score of a fold from the people of the other folds alone")
  func learnedScore() throws {
    let plain = try training(folder: "plain")
    let scored = try training(
      .unrestricted, [("score", "{joint-bayesian: {shrinkage: 0.3}}")], folder: "scored")
    for fold in [1, 2] {
      try run(plain, fold)
      try run(scored, fold)
      let ids = try (1...4).filter { $0 != fold }.flatMap {
        try faces.catalog.members(of: "f", Part(fold: $0, role: .test))
      }
      let table = try SampleTable(faces.catalog)
      let set = try Embedder(
        run: plain.run(of: fold), recipe: plain.recipe, catalog: faces.catalog
      ).embeddings(of: ids)
      let owners = table.ownersByID
      let expected = try JointBayesianFit(shrinkage: 0.3).fit(
        set.rows, people: set.ids.map { Int(owners[$0]) }, usesDirections: false)
      let found = try Embedder(
        run: scored.run(of: fold), recipe: scored.recipe, catalog: faces.catalog
      ).embeddings(of: ids)
      #expect(found.rule == expected.rule && found.rows == expected.project(set.rows))
      #expect(ids.count == 18)
      #expect(try scored.test(fold) != plain.test(fold))
    }
  }

  @Test("goes on with what was interrupted, and tests a fold once")
  func resumes() throws {
    let training = try training()
    #expect(try training.folds() == [1, 2, 3, 4])
    #expect(try run(training, 1) == 9 && run(training, 1) == 0)
    let first = try training.test(1)
    // The figures follow from the run's own scores: the threshold from the other folds.
    let embedder = try Embedder(
      run: training.run(of: 1), recipe: training.recipe, catalog: faces.catalog)
    func comparisons(_ fold: Int) throws -> Comparisons {
      let pairs = try faces.catalog.pairs(of: "f", Part(fold: fold, role: .test))
      return try embedder.embeddings(of: pairs.flatMap { [$0.left, $0.right] })
        .comparisons(of: pairs, fold: 0)
    }
    let threshold = Threshold.best(for: Comparisons(try [2, 3, 4].flatMap(comparisons)))
    #expect(abs(first.threshold - threshold) < 1e-9)
    #expect(try first.accuracy == Decisions(comparisons(1), at: threshold).accuracy)
    // The result is kept for these weights and not for others.
    try FileManager.default.removeItem(atPath: training.run(of: 1).trainedOn)
    #expect(try training.test(1) == first)
    try FileManager.default.removeItem(atPath: training.run(of: 1).checkpoint)
    try FileManager.default.copyItem(
      atPath: training.run(of: 1).previousCheckpoint, toPath: training.run(of: 1).checkpoint)
    #expect(throws: TrainError.self) { try training.test(1) }
  }

  @Test("refuses to test a run on people that it was trained on")
  func contaminated() throws {
    let training = try training()
    try run(training, 1)
    // The run of another fold in the place of this one.
    try FileManager.default.copyItem(
      atPath: training.run(of: 1).path, toPath: training.run(of: 2).path)
    #expect(throws: TrainError.self) { try training.test(2) }
  }

  @Test("tests the same networks on another protocol with the same folds")
  func otherProtocol() throws {
    // The same folds, of which fewer pairs are listed.
    let parts = (1...4).map { Part(fold: $0, role: .test) }
    func add(_ name: String, _ order: [Int], genuine: Int = 2) throws {
      try faces.catalog.add(
        ProtocolRecord(
          name: name, kind: "list", specification: "{}",
          members: Dictionary(
            uniqueKeysWithValues: try zip(parts, order).map {
              ($0, try faces.catalog.members(of: "f", parts[$1]))
            }),
          pairs: Dictionary(
            uniqueKeysWithValues: try zip(parts, order).map {
              let all = try faces.catalog.pairs(of: "f", parts[$1])
              return (
                $0,
                Array(all.filter(\.genuine).prefix(genuine) + all.filter { !$0.genuine }.prefix(3))
              )
            })))
    }
    try add("g", [0, 1, 2, 3])
    try add("turned", [1, 0, 2, 3])
    try add("later", [0, 1, 3, 2])
    for holdsOut in [false, true] {
      let training = try training(holdsOut: holdsOut, folder: "also\(holdsOut)")
      try training.checkFolds(of: "g")
      #expect(throws: TrainError.self) { try training.checkFolds(of: "turned") }
      #expect(throws: TrainError.self) { try training.checkFolds(of: "later") }
      #expect(throws: TrainError.self) { try training.checkFolds(of: "p") }
      try run(training, 2)
      let own = try training.test(2)
      let other = try training.test(2, on: "g")
      #expect(other.genuine == 2 && other.impostor == 3)
      #expect(own.genuine == 6 && own.impostor > 3)
      let embedder = try Embedder(
        run: training.run(of: 2), recipe: training.recipe, catalog: faces.catalog)
      func comparisons(_ fold: Int) throws -> Comparisons {
        let pairs = try faces.catalog.pairs(of: "g", Part(fold: fold, role: .test))
        return try embedder.embeddings(of: pairs.flatMap { [$0.left, $0.right] })
          .comparisons(of: pairs, fold: 0)
      }
      let tuning = Comparisons(try (holdsOut ? [3] : [1, 3, 4]).flatMap(comparisons))
      let threshold = Threshold.best(for: tuning)
      #expect(abs(other.threshold - threshold) < 1e-9)
      #expect(try other.accuracy == Decisions(comparisons(2), at: threshold).accuracy)
      // Both results are kept.
      #expect(try training.test(2) == own && training.test(2, on: "g") == other)
      // But not for other pairs under the same name.
      try faces.catalog.deleteProtocol("g")
      try add("g", [0, 1, 2, 3], genuine: 4)
      #expect(try training.test(2, on: "g").genuine == 4)
      try faces.catalog.deleteProtocol("g")
      try add("g", [0, 1, 2, 3])
      // In another order a fold tests, or a held-out fold has, people of the training.
      #expect(throws: TrainError.self) { try training.test(2, on: "turned") }
      if holdsOut { #expect(throws: TrainError.self) { try training.test(2, on: "later") } }
    }
  }

  @Test("needs folds")
  func needsFolds() throws {
    let training = FoldTraining(
      recipe: try SmallFaces.recipe(), catalog: faces.catalog, protocolName: "p",
      mode: .unrestricted, holdsOut: false, folder: faces.scratch.file("cv"))
    #expect(throws: TrainError.self) { try training.folds() }
  }

  @Test("averages the figures of folds, and never puts their scores together")
  func figures() throws {
    // Perfect within each fold, at thresholds that exclude one another: pooled scores would overlap.
    let folds = try (0..<3).map { fold in
      let shift = Double(fold) * 10
      let scores = [1.0, 2, 3, 4].map { $0 + shift }
      let comparisons = Comparisons(
        scores.enumerated().map {
          Comparison(score: $1, isGenuine: $0 >= 2, fold: fold + 1)
        })
      return try #require(
        CrossValidation.Fold(fold: fold + 1, comparisons, tuning: comparisons))
    }
    let result = CrossValidation(folds)
    #expect(result.accuracy.mean == 1 && result.eer.mean == 0 && result.auc.mean == 1)
    let spread = Spread([0.8, 0.9, 1.0])
    #expect(abs(spread.mean - 0.9) < 1e-12)
    #expect(abs((spread.deviation ?? 0) - 0.1) < 1e-12)
    #expect(abs((spread.error ?? 0) - 0.1 / 3.0.squareRoot()) < 1e-12)
    #expect(Spread([0.5]).deviation == nil)
  }
}
