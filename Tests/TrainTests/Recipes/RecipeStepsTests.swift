import Catalog
import Datasets
import Ingest
import Neural
import Pairs
import SyntheticFaces
import TestSupport
import Testing

@testable import Train

/// Every recipe does steps on drawn faces of its own size, with narrower dense layers and smaller
/// batches; `Benchmarks/recipes` does fifty steps of each as it is, on photographs.
@Suite("Every recipe", .serialized)
struct RecipeStepsTests {
  private static let scratch = try? TemporaryFolder()

  private func store(_ samples: InputSamples) async throws -> Catalog {
    let scratch = try #require(Self.scratch)
    let faces = scratch.file("faces")
    let folder = StoreFolder(path: scratch.file("\(samples)"))
    guard !folder.exists else { return try Catalog.open(folder) }
    if scratch.contents(of: "faces").isEmpty {
      try FaceSet(seed: 4).write(to: faces, people: 6, pictures: 4)
    }
    let manifests = try DatasetManifest.all(in: "\(Surroundings.root)/manifests/datasets")
    let scan = try SourceScan(root: faces, dataset: nil, manifests: manifests)
    var configuration = scan.manifest.sample
    (configuration.width, configuration.height) = (samples.width, samples.height)
    configuration.resample = .lanczos
    configuration.color = samples.channels == 1 ? .gray : .rgb
    _ = try await IngestRun(
      scans: [scan], configuration: configuration, options: IngestOptions()
    ) { _, _ in }.run(into: folder)
    let catalog = try Catalog.openOrCreate(folder)
    let split = IdentitySplit(train: 0.5, validation: 0, seed: 0, testIdentities: ["s5", "s6"])
    try catalog.add(
      ProtocolMaker(
        SampleTable(catalog), links: [], draw: ProtocolMaker.Draw(counts: nil, seed: 0)
      ).split(split, name: "p"))
    return catalog
  }

  /// Settings that make a recipe small: narrow dense layers, few pairs or samples in a step.
  private func settings(_ recipe: Recipe) -> [(key: String, value: String)] {
    var settings: [(key: String, value: String)] = [("epochs", "2")]
    for (index, layer) in recipe.tower.enumerated() where layer.name == "dense" {
      settings.append(("tower.\(index).dense.units", "8"))
    }
    switch recipe.sampler {
    case .balanced:
      settings += [("batch", "4"), ("sampler.balanced.pairs-per-epoch", "4")]
    case .report:
      settings += [("batch", "4"), ("sampler.report.pairs-per-epoch", "4")]
    case .tutorial: settings += [("batch", "4"), ("sampler.tutorial.per-identity", "1")]
    case .listed: settings += [("batch", "4")]
    case .identities:
      settings += [
        ("sampler.identities.identities", "2"), ("sampler.identities.samples", "2"),
        ("sampler.identities.batches-per-epoch", "1"),
      ]
    case .samples: settings += [("batch", "4"), ("sampler.samples.per-epoch", "4")]
    }
    return settings
  }

  @Test("does a step forward and back, and another", arguments: Manifests.library.names)
  func steps(name: String) async throws {
    let own = try Manifests.recipe(name, samples: InputSamples(width: 64, height: 64, channels: 3))
    for isFaithful in [false, true] {
      guard
        let small = try? Manifests.recipe(
          name, settings: settings(Manifests.recipe(name, isFaithful: isFaithful)),
          isFaithful: isFaithful, samples: own.samples)
      else {
        #expect(isFaithful, "\(name) cannot be made small")
        continue
      }
      let scratch = try TemporaryFolder()
      let run = try TrainingRun(
        recipe: small, catalog: try await store(small.samples), protocolName: "p", seed: 0,
        machine: Machine.start(threads: 2), folder: RunFolder(path: scratch.file("run")),
        isResumed: false)
      var losses: [Float] = []
      _ = try run.train(maxSteps: 2) { event in
        if case .step(let report, _) = event { losses.append(report.loss) }
      }
      #expect(losses.count == 2 && losses.allSatisfy { $0.isFinite && $0 >= 0 }, "\(losses)")
    }
  }
}
