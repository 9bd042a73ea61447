import Catalog
import Ingest
import Pairs
import SyntheticFaces
import TestSupport

@testable import Datasets
@testable import Train

/// A store of drawn faces: eight people with three pictures each, of whom six train and two test
/// under the protocol `p`.
enum FaceStore {
  static func make(in scratch: TemporaryFolder) async throws -> Catalog {
    try FaceSet(seed: 1).write(to: scratch.file("faces"), people: 8, pictures: 3)
    let manifests = try DatasetManifest.all(in: "\(Surroundings.root)/manifests/datasets")
    let scan = try SourceScan(root: scratch.file("faces"), dataset: nil, manifests: manifests)
    let store = StoreFolder(path: scratch.file("store"))
    _ = try await IngestRun(
      scans: [scan], configuration: scan.manifest.sample, options: IngestOptions()
    ) { _, _ in }.run(into: store)
    let catalog = try Catalog.openOrCreate(store)
    let split = IdentitySplit(train: 0.5, validation: 0, seed: 0, testIdentities: ["s7", "s8"])
    try catalog.add(
      ProtocolMaker(
        SampleTable(catalog), links: [], draw: ProtocolMaker.Draw(counts: nil, seed: 0)
      ).split(split, name: "p"))
    return catalog
  }
}

/// The text of a recipe over these faces, with a small tower.
struct SmallRecipe {
  var sampler: String
  var loss: String
  var head: String?
  var optimizer = "rmsprop: {rate: 0.001, rho: 0.9, epsilon: 1.0e-7}"
  var schedule = "constant: {}"
  var momentumRamp: String?
  var weightAveraging: String?
  var batch: Int?
  var epochs = 3
  /// What stands between the pooling and the embedding.
  var layers = "dropout: {rate: 0.25}"
  var units = "units: 12"

  var yaml: String {
    let optional = [
      head.map { "head: {\($0)}" }, momentumRamp.map { "momentum-ramp: \($0)" },
      weightAveraging.map { "weight-averaging: \($0)" },
      batch.map { "batch: \($0)" },
    ].compactMap { $0 }
    return """
      name: small
      title: A small recipe
      source: Own work
      datasets: [orl]
      samples: {width: 46, height: 56, channels: 1}
      sampler: {\(sampler)}
      tower:
        - max-pool: {window: 4}
        - convolution: {filters: 4, kernel: 3, activation: relu}
        - max-pool: {window: 2}
        - \(layers)
        - flatten: {}
        - dense: {\(units)}
      loss: {\(loss)}
      optimizer: {\(optimizer)}
      schedule: {\(schedule)}
      epochs: \(epochs)
      \(optional.joined(separator: "\n"))
      """
  }

  func parsed() throws -> Recipe { try Recipe.parse(yaml: yaml, path: "small.yaml") }
}
