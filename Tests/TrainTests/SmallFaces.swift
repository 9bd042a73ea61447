import Catalog
import Foundation
import Ingest
import Neural
import Pairs
import Shards
import SyntheticFaces
import TestSupport

@testable import Datasets
@testable import Train

/// A store of drawn faces, 12 by 14 pixels: s1 to s6 train, s7 and s8 are tested; and runs on it.
struct SmallFaces {
  let scratch: TemporaryFolder
  let catalog: Catalog
  let machine: Machine

  /// The faces; those of the people in `other` are drawn with another seed.
  init(except other: Set<Int> = []) async throws {
    scratch = try TemporaryFolder()
    let (set, otherSet) = (FaceSet(seed: 1), FaceSet(seed: 2))
    for person in 1...8 {
      for picture in 1...3 {
        try scratch.write(
          (other.contains(person) ? otherSet : set).pgm(person: person, picture: picture),
          to: "faces/s\(person)/\(picture).pgm")
      }
    }
    let manifests = try DatasetManifest.all(in: "\(Surroundings.root)/manifests/datasets")
    let scan = try SourceScan(root: scratch.file("faces"), dataset: nil, manifests: manifests)
    var configuration = scan.manifest.sample
    (configuration.width, configuration.height) = (12, 14)
    let store = StoreFolder(path: scratch.file("store"))
    _ = try await IngestRun(
      scans: [scan], configuration: configuration, options: IngestOptions()
    ) { _, _ in }.run(into: store)
    catalog = try Catalog.openOrCreate(store)
    machine = try Machine.start(threads: 2)
    try add(
      IdentitySplit(train: 0.5, validation: 0, seed: 0, testIdentities: ["s7", "s8"]), name: "p")
  }

  /// Adds a protocol with all pairs of its sides or, if `folds` is given, of its folds.
  func add(_ split: IdentitySplit, folds: Int? = nil, name: String) throws {
    let maker = try ProtocolMaker(
      SampleTable(catalog), links: [], draw: ProtocolMaker.Draw(counts: nil, seed: 0))
    try catalog.add(
      folds.map { try maker.folds($0, split, name: name) } ?? maker.split(split, name: name))
  }

  /// Three epochs of three steps on a tower of one layer, unless other layers or another loss are
  /// given.
  static func recipe(
    _ more: String = "", tower: String = "  - flatten: {}\n  - dense: {units: 6}", loss: String = ""
  ) throws -> Recipe {
    try Recipe.parse(
      yaml: """
        name: small
        title: A tower of one layer
        source: Own work
        datasets: [orl]
        samples: {width: 12, height: 14, channels: 1}
        \(more)
        sampler:
          balanced: {pairs-per-epoch: 20}
        tower:
        \(tower)
        \(loss.isEmpty ? "loss: {contrastive: {margin: 1}}" : loss)
        optimizer:
          rmsprop: {rate: 0.001, rho: 0.9, epsilon: 1.0e-7}
        batch: 8
        epochs: 3
        """, path: "small.yaml")
  }

  /// Drops the samples of these paths, as a refresh that finds their files damaged.
  func drop(_ paths: [String]) throws {
    try catalog.add(
      ShardRecord(
        number: 1, dataset: "orl", sha256: String(repeating: "a", count: 64), byteCount: 1,
        samples: 0, rejections: paths.count),
      samples: [],
      rejections: paths.map { Rejection(dataset: "orl", path: $0, reason: .damaged, detail: "") },
      isRefresh: true)
  }

  func folder(_ name: String) -> RunFolder { RunFolder(path: scratch.file(name)) }

  @discardableResult
  func run(
    _ name: String, _ recipe: Recipe, protocolName: String = "p", resumed: Bool = false,
    steps: Int = .max
  ) throws -> TrainingSummary {
    try TrainingRun(
      recipe: recipe, catalog: catalog, protocolName: protocolName, seed: 0, machine: machine,
      folder: folder(name), isResumed: resumed
    ).train(maxSteps: steps) { _ in }
  }

  /// The SHA-256 of a run's checkpoint: the test library would spend minutes on the difference of two.
  func checkpoint(_ name: String) throws -> String {
    Digest.sha256(try Data(contentsOf: URL(fileURLWithPath: folder(name).checkpoint)))
  }

  /// The scores of the tested pairs.
  func scores(_ name: String, _ recipe: Recipe) throws -> [Double] {
    try Embedder(run: folder(name), recipe: recipe, catalog: catalog)
      .scores(of: catalog.pairs(of: "p", Part(role: .test)))
  }

  /// The bytes of a sample.
  func sample(_ id: Int) throws -> [UInt8] {
    let reader = try ShardReader(path: catalog.folder.shard(id / Catalog.shardCapacity))
    return try reader.withSample(id % Catalog.shardCapacity) { Array($0) }
  }
}

extension Embedder {
  /// The scores of pairs of samples.
  func scores(of pairs: [Pair]) throws -> [Double] {
    try embeddings(of: pairs.flatMap { [$0.left, $0.right] }).scores(of: pairs)
  }
}
