import Foundation
import MessagePassing
import Shards
import TestSupport
import Testing

/// `train` on several processes, which a real `mpirun` starts.
@Suite(
  "train on several ranks", .serialized, .enabled(if: Surroundings.hasMPI && RankGroup.isBuilt))
enum RanksTests {}

/// What the tests of several ranks have in common.
///
/// A class because the suites inherit it.
class RanksFixture {
  let scratch: TemporaryFolder

  /// A store of 24 people with 8 pictures each.
  private static let original = Result {
    let folder = try TemporaryFolder()
    try NoiseStore.make(
      in: folder, pictures: 192, each: 8, size: 20, options: ["--validation", "0.2"])
    return folder
  }

  init() throws {
    scratch = try TemporaryFolder()
    try FileManager.default.copyItem(
      atPath: try Self.original.get().file("out"), toPath: scratch.file("out"))
  }

  /// The layers of towers: dropout over features and over images, in planes and interleaved, alone and
  /// fused with a batch normalisation, residual blocks and branches.
  enum TowerKind: String, CaseIterable, CustomTestStringConvertible {
    case plain = """
      [{convolution: {filters: 6, kernel: 3, activation: relu}}, {max-pool: {window: 2}},
       {dropout: {rate: 0.25}}, {convolution: {filters: 20, kernel: 3, activation: relu}},
       {dropout: {rate: 0.1}}, {flatten: {}}, {dense: {units: 40, activation: relu}},
       {dropout: {rate: 0.2}}, {dense: {units: 16}}]
      """
    case normalized = """
      [{convolution: {filters: 8, kernel: 3}}, {batch-normalization: {}}, {activation: {kind: relu}},
       {dropout: {rate: 0.25}}, {max-pool: {window: 2}},
       {residual: {body: [{convolution: {filters: 8, kernel: 3, padding: 1}}, {batch-normalization: {}}], activation: relu}},
       {flatten: {}}, {dense: {units: 24}}, {batch-normalization: {}}, {prelu: {}}, {dense: {units: 16}}]
      """
    case normalizedFeatures = """
      [{flatten: {}}, {dense: {units: 48}}, {batch-normalization: {}}, {activation: {kind: relu}},
       {dropout: {rate: 0.25}}, {dense: {units: 24}}, {batch-normalization: {}}, {prelu: {}},
       {dense: {units: 16}}]
      """

    var testDescription: String {
      switch self {
      case .plain: "plain"
      case .normalized: "normalized"
      case .normalizedFeatures: "normalized features"
      }
    }
  }

  /// The losses: over pairs, with a head, over classes, over groups.
  enum LossKind: String, CaseIterable, CustomTestStringConvertible {
    case contrastive =
      "sampler: {balanced: {pairs-per-epoch: 400}}\nbatch: 16\nloss: {contrastive: {margin: 1}}"
    case head =
      "sampler: {balanced: {pairs-per-epoch: 400}}\nbatch: 16\nloss: {binary-cross-entropy: {}}\nhead: {weighted-difference: {}}"
    case classes =
      "sampler: {samples: {per-epoch: 400}}\nbatch: 32\nloss: {cosface: {margin: 0.3, scale: 16}}"
    case triplets =
      "sampler: {identities: {identities: 8, samples: 4, batches-per-epoch: 12}}\nloss: {triplet: {mining: batch-hard, margin: 0.5}}"
    case joint =
      "sampler: {identities: {identities: 8, samples: 4, batches-per-epoch: 12}}\nloss: {identification-verification: {weight: 0.1, margin: 2}}"

    var testDescription: String { "\(rawValue.split(separator: "\n").last ?? "")" }
  }

  func recipe(
    _ tower: TowerKind, _ loss: LossKind, optimizer: String = "{sgd: {rate: 1, momentum: 0.5}}",
    more: String = ""
  ) throws {
    let text = """
      name: ranks
      title: A small network
      source: Own work
      datasets: [folder]
      samples: {width: 20, height: 20, channels: 3}
      normalization: {standardize: {}}
      augmentation: [{flip: {}}, {rotation: {degrees: 10}}, {brightness: {factor: 0.2}}]
      tower: \(tower.rawValue.replacing("\n", with: " "))
      \(loss.rawValue)
      optimizer: \(optimizer)
      \(more)
      epochs: 2
      """
    try scratch.write(Array(text.utf8), to: "recipe.yaml")
  }

  static let environment = [
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "TWINSET_MANIFESTS": "\(Surroundings.root)/manifests",
  ]

  /// The arguments of a training in the folder `run`.
  func training(_ run: String, _ arguments: [String]) -> [String] {
    let defaults = ["--threads": "1", "--convolution": "direct", "--precision": "f32"]
    return [
      "--shards", scratch.file("out"), "--recipe", scratch.file("recipe.yaml"), "--run",
      scratch.file(run), "--json",
    ] + defaults.filter { !arguments.contains($0.key) }.flatMap { [$0.key, $0.value] } + arguments
  }

  static func mpirun(_ ranks: Int) -> [String] {
    ["--oversubscribe", "--bind-to", "none", "-n", "\(ranks)"]
  }

  /// Trains on a number of ranks; 1 is a process that is started alone.
  @discardableResult
  func train(_ ranks: Int, _ run: String, _ arguments: String...) throws -> Tool.Outcome {
    try train(ranks, run, arguments)
  }

  @discardableResult
  func train(_ ranks: Int, _ run: String, _ arguments: [String]) throws -> Tool.Outcome {
    let all = training(run, arguments)
    guard ranks > 1 else {
      return try Tool.trainOfTests.run(all: all, environment: Self.environment)
    }
    return try Tool(path: "/usr/bin/mpirun").run(
      all: Self.mpirun(ranks) + [Tool.trainOfTests.path] + all, environment: Self.environment)
  }

  /// The tensors of a run's checkpoint whose names begin with `prefix`.
  func tensors(_ run: String, _ prefix: String) throws -> [String: [Float]] {
    try TensorFile(path: scratch.file("\(run)/checkpoint.safetensors")).tensors
      .filter { $0.key.hasPrefix(prefix) }.mapValues(\.values)
  }

  /// The lines of a run's metrics.
  func metrics(_ run: String) throws -> String {
    try String(contentsOfFile: scratch.file("\(run)/metrics.jsonl"), encoding: .utf8)
  }

  /// The largest distance of two tensors of the same name, relative to the length of the one; and that of
  /// all together.
  ///
  /// A tensor that is less than a thousandth of all counts only with the others: the bias of the last
  /// layer has no gradient but rounding errors under a loss over distances.
  func distance(_ one: [String: [Float]], _ other: [String: [Float]]) -> Double {
    #expect(!one.isEmpty && one.keys.sorted() == other.keys.sorted())
    func square(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 } }
    let pairs = one.map { name, values in
      guard let others = other[name], others.count == values.count else {
        return (difference: Double.infinity, length: 1.0)
      }
      return (
        difference: square(zip(values, others).map { Double($0) - Double($1) }),
        length: square(values.map(Double.init))
      )
    }
    let all = pairs.reduce((0, 0)) { ($0.0 + $1.difference, $0.1 + $1.length) }
    let large = pairs.filter { $0.length > 1e-6 * all.1 }.map { $0.difference / $0.length }
    return max(all.0 / all.1, large.max() ?? 0).squareRoot()
  }
}
