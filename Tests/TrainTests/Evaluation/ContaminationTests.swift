import Catalog
import Evaluate
import Foundation
import Ingest
import Neural
import Pairs
import SyntheticFaces
import TestSupport
import Testing

@testable import Datasets
@testable import Train

/// Whom a network was trained on, and which protocols it may be tested on.
@Suite("A contamination guard", .serialized)
struct ContaminationTests {
  private let faces: SmallFaces
  private let recipe: Recipe

  init() async throws {
    faces = try await SmallFaces()
    recipe = try SmallFaces.recipe()
    try faces.run("run", recipe)
  }

  private func evaluate(
    _ name: String, run: String = "run", allowing: Bool = false, catalog: Catalog? = nil
  ) throws -> ProtocolTest {
    let folder = faces.folder(run)
    return try ProtocolTest(
      run: folder, recipe: Recipe.read(run: folder, RunRecord.read(folder)),
      catalog: catalog ?? faces.catalog, protocolName: name, allowsContaminated: allowing)
  }

  /// How many of the people are refused; `nil` when the protocol is evaluated.
  private func refusedPeople(_ name: String, run: String = "run") throws -> Int? {
    do {
      _ = try evaluate(name, run: run)
      return nil
    } catch {
      guard case TrainError.trainedOnTest(_, let identities) = error else { throw error }
      return identities
    }
  }

  private func ids(of people: ClosedRange<Int>, pictures: ClosedRange<Int> = 1...3) throws -> [Int]
  {
    let wanted = Set(people.flatMap { p in pictures.map { "s\(p)/\($0).pgm" } })
    var ids: [Int] = []
    try faces.catalog.forEachImage { if wanted.contains($0.path) { ids.append($0.id) } }
    return ids.sorted()
  }

  /// A protocol that tests the people of each fold: all their genuine pairs, and one impostor pair.
  private func add(_ name: String, folds: [ClosedRange<Int>], kind: String = "list") throws {
    var members: [Part: [Int]] = [:]
    var pairs: [Part: [Pair]] = [:]
    for (index, people) in folds.enumerated() {
      let part = Part(fold: folds.count == 1 ? 0 : index + 1, role: .test)
      let ids = try ids(of: people)
      members[part] = ids
      pairs[part] = [
        Pair(left: ids[0], right: ids[1], genuine: true),
        Pair(left: ids[0], right: ids[3], genuine: false),
      ]
    }
    try faces.catalog.add(
      ProtocolRecord(
        name: name, kind: kind, specification: "{}", members: members, pairs: pairs))
  }

  @Test("looks at every fold, not at the first alone")
  func everyFold() throws {
    // s1 to s6 train. The first fold is clean, the last is not.
    try add("last", folds: [7...8, 5...6])
    #expect(try refusedPeople("last") == 2)
    try add("middle", folds: [7...8, 3...4, 7...8])
    #expect(try refusedPeople("middle") == 2)
    try add("plain", folds: [1...2])
    #expect(try refusedPeople("plain") == 2)
    try add("clean", folds: [7...8])
    #expect(try refusedPeople("clean") == nil)
  }

  @Test("counts the people who are compared, in as many folds as they stand")
  func counts() throws {
    try add("all", folds: [1...2, 3...4, 5...6, 7...8])
    #expect(try refusedPeople("all") == 6)
    let run = try evaluate("all", allowing: true)
    #expect(run.contamination?.identities == 6 && run.contamination?.images ?? 0 > 0)
  }

  @Test("keeps who was trained on with the run, whatever becomes of the protocol")
  func kept() throws {
    try add("last", folds: [7...8, 5...6])
    try faces.catalog.deleteProtocol("p")
    #expect(try refusedPeople("last") == 2)
    try FileManager.default.removeItem(atPath: faces.folder("run").trainedOn)
    #expect(throws: TrainError.self) { try evaluate("last") }
  }

  @Test("knows the same people in another store by their names")
  func otherStore() async throws {
    // The same faces and one more: another digest.
    let other = try TemporaryFolder()
    let source = faces.scratch.file("faces")
    try FileManager.default.copyItem(atPath: source, toPath: other.file("faces"))
    try other.write(
      FaceSet(seed: 9).pgm(person: 1, picture: 1), to: "faces/s9/1.pgm")
    let manifests = try DatasetManifest.all(in: "\(Surroundings.root)/manifests/datasets")
    let scan = try SourceScan(root: other.file("faces"), dataset: nil, manifests: manifests)
    var configuration = scan.manifest.sample
    (configuration.width, configuration.height) = (12, 14)
    let store = StoreFolder(path: other.file("store"))
    _ = try await IngestRun(
      scans: [scan], configuration: configuration, options: IngestOptions(), progress: { _, _ in }
    ).run(into: store)
    let catalog = try Catalog.openOrCreate(store)
    let table = try SampleTable(catalog)
    try catalog.add(
      ProtocolMaker(table, links: [], draw: ProtocolMaker.Draw(counts: nil, seed: 0)).sample(
        name: "sample"))
    #expect(throws: TrainError.self) { try evaluate("sample", catalog: catalog) }
    let run = try evaluate("sample", allowing: true, catalog: catalog)
    #expect(run.contamination?.identities == 6)
  }

  @Test("lets a closed set be evaluated whose pictures were not trained on, and no other")
  func closedSetPairs() throws {
    // s1 to s6 with their first two pictures train; the third ones are compared.
    let (train, test) = (
      try ids(of: 1...6, pictures: 1...2), try ids(of: 1...6, pictures: 3...3)
    )
    func add(_ name: String, _ test: [Int], train: [Int]) throws {
      try faces.catalog.add(
        ProtocolRecord(
          name: name, kind: "closed-set-split", specification: "{}",
          members: [Part(role: .train): train, Part(role: .test): test],
          pairs: [
            Part(role: .test): [
              Pair(left: test[0], right: test[1], genuine: true),
              Pair(left: test[0], right: test[2], genuine: false),
            ]
          ]))
    }
    try add("closed", test, train: train)
    _ = try TrainingRun(
      recipe: recipe, catalog: faces.catalog, protocolName: "closed", seed: 0,
      machine: faces.machine, folder: faces.folder("closed"), isResumed: false
    ).train { _ in }
    let run = try evaluate("closed", run: "closed")
    #expect(run.isClosedSet && run.contamination?.images == 0)
    #expect(run.contamination?.identities == 3 && run.contamination?.includesEveryone == true)
    // The same protocol is no closed set for a run on other people.
    try add("strangers", ids(of: 7...8), train: ids(of: 1...1))
    let strangers = try evaluate("strangers")
    #expect(!strangers.isClosedSet && strangers.contamination?.includesEveryone == false)
    #expect(
      try !TestedSamples("strangers", faces.catalog, run: faces.folder("run")).isClosedSet)
    #expect(try TestedSamples("strangers", faces.catalog, run: nil).isClosedSet)
    // One-shot trials among the tested images of a closed set are of that closed set, too.
    func addTrials(_ name: String, within: String) throws {
      try faces.catalog.add(
        ProtocolRecord(
          name: name, kind: "one-shot",
          specification: "{\"trials\":1,\"ways\":2,\"within\":\"\(within)\"}",
          members: [Part(role: .test): test],
          pairs: [
            Part(role: .test): [
              Pair(left: test[0], right: test[1], genuine: true),
              Pair(left: test[0], right: test[2], genuine: false),
            ]
          ]))
    }
    try addTrials("trials", within: "closed")
    #expect(try evaluate("trials", run: "closed").isClosedSet)
    try addTrials("other-trials", within: "p")
    #expect(throws: TrainError.self) { try evaluate("other-trials", run: "closed") }
    try add("seen", [test[0], train[0], train[2]], train: [test[1]])
    do {
      _ = try evaluate("seen", run: "closed")
      Issue.record("pictures that were trained on were tested")
    } catch {
      guard case TrainError.trainedOnTestImages(_, 2) = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test("takes the threshold from validation pairs where there are any, else from training pairs")
  func tuning() throws {
    let (train, validation, test) = (try ids(of: 1...6), try ids(of: 7...7), try ids(of: 8...8))
    func pairs(_ own: [Int], _ other: [Int]) -> [Pair] {
      [
        Pair(left: own[0], right: own[1], genuine: true),
        Pair(left: own[0], right: other[0], genuine: false),
      ]
    }
    try faces.catalog.add(
      ProtocolRecord(
        name: "v", kind: "list", specification: "{}",
        members: [
          Part(role: .train): train, Part(role: .validation): validation, Part(role: .test): test,
        ],
        pairs: [
          Part(role: .train): pairs(train, validation),
          Part(role: .validation): pairs(validation, test),
          Part(role: .test): pairs(test, validation),
        ]))
    #expect(try evaluate("v").tuning?.name == "the validation pairs")
    let embedder = try Embedder(run: faces.folder("run"), recipe: recipe, catalog: faces.catalog)
    #expect(
      try evaluate("v").tuning?.comparisons.map(\.score)
        == embedder.scores(of: pairs(validation, test)))
    #expect(try evaluate("p").tuning?.name == "the training pairs")
    #expect(try evaluate("v").tuningContamination?.identities == 0)
    #expect(try evaluate("p").tuningContamination == nil)
  }

  @Test("says if the validation pairs were trained on, or are of one kind")
  func doubtfulTuning() throws {
    let (seen, test) = (try ids(of: 3...4), try ids(of: 7...8))
    func pairs(_ ids: [Int]) -> [Pair] {
      [
        Pair(left: ids[0], right: ids[1], genuine: true),
        Pair(left: ids[0], right: ids[3], genuine: false),
      ]
    }
    func add(_ name: String, _ validation: [Pair]) throws {
      try faces.catalog.add(
        ProtocolRecord(
          name: name, kind: "list", specification: "{}",
          members: [Part(role: .validation): seen, Part(role: .test): test],
          pairs: [Part(role: .validation): validation, Part(role: .test): pairs(test)]))
    }
    try add("seen", pairs(seen))
    let run = try evaluate("seen")
    #expect(run.contamination?.identities == 0 && run.tuningContamination?.identities == 2)
    #expect(
      run.tuning?.name == "the validation pairs, some of people or images that were trained on")
    #expect(
      run.tuningFault == nil && run.embeddings.scorerDigest == faces.folder("run").scorerDigest)

    for kind in [true, false] {
      try add("kind \(kind)", pairs(test).filter { $0.genuine == kind })
      let run = try evaluate("kind \(kind)")
      #expect(run.tuning == nil && run.tuningFault == .oneKind(name: "the validation pairs"))
      #expect(
        Evaluation(run.comparisons, tuning: run.tuning)?.thresholdSource == .sameComparisons)
    }
  }

  @Test("counts people whose pictures were replaced since: they are scored still")
  func replaced() throws {
    try add("clean", folds: [7...8])
    try add("last", folds: [5...6])
    try faces.drop((5...6).flatMap { p in (1...3).map { "s\(p)/\($0).pgm" } })
    #expect(try refusedPeople("last") == 2)
    #expect(try refusedPeople("clean") == nil)
  }
}
