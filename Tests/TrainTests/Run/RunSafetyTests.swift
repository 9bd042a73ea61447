import Catalog
import Foundation
import Neural
import Shards
import TestSupport
import Testing

@testable import Train

/// Runs that go on, are made longer, are damaged, or are trained by two processes at once.
@Suite("The folder of a run", .serialized)
struct RunSafetyTests {
  private let faces: SmallFaces
  private let recipe: Recipe

  init() async throws {
    faces = try await SmallFaces()
    recipe = try SmallFaces.recipe()
  }

  private func failure(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "none"
    } catch { return "\(error)" }
  }

  /// Writes the checkpoint of a run anew, with one thing changed.
  private func damage(
    _ run: String,
    _ change: (_ metadata: inout [String: String], _ tensors: inout [String: TensorFile.Entry])
      -> Void
  ) throws {
    let path = faces.folder(run).checkpoint
    let file = try TensorFile(path: path)
    var (metadata, tensors) = (file.metadata, file.tensors)
    change(&metadata, &tensors)
    try TensorFile(metadata: metadata, tensors: tensors).write(to: path)
  }

  @Test("with one changed bit of a weight is neither gone on with nor evaluated")
  func changedBit() throws {
    try faces.run("run", recipe, steps: 4)
    let folder = faces.folder("run")
    var bytes = try Data(contentsOf: URL(fileURLWithPath: folder.checkpoint))
    bytes[bytes.count - 3] ^= 0x40
    try bytes.write(to: URL(fileURLWithPath: folder.checkpoint))
    for words in [
      failure { try faces.run("run", recipe, resumed: true) },
      failure { _ = try Embedder(run: folder, recipe: recipe, catalog: faces.catalog) },
    ] {
      #expect(words.contains("damagedCheckpoint") && words.contains("changed"), "\(words)")
    }
  }

  @Test(
    "with a checkpoint that is damaged in any way is refused, and stays as it is",
    arguments: [
      "short", "missing", "extra", "unknown", "nan", "negative", "late", "nameless", "weights",
      "shape",
    ])
  func damagedCheckpoint(how: String) throws {
    try faces.run("run", recipe, steps: 4)
    try damage("run") { metadata, tensors in
      let memory = tensors.keys.first { $0.hasPrefix("optimizer.") } ?? ""
      let weights = tensors.keys.first { $0.hasPrefix("weights.") } ?? ""
      let values = tensors[memory]?.values ?? []
      switch how {
      case "short": tensors[memory] = .init(shape: [1], values: [0])
      case "missing": tensors[memory] = nil
      case "extra":
        tensors["optimizer.velocity.9.kernel"] = .init(shape: [1], values: [0])
      case "unknown": tensors["mystery"] = .init(shape: [1], values: [0])
      case "nan":
        tensors[memory] = .init(
          shape: [values.count], values: [.nan] + values.dropFirst())
      case "negative": metadata["step"] = "-3"
      case "late": metadata["step"] = "10"
      case "nameless": metadata["step"] = nil
      case "weights": tensors[weights] = nil
      default: tensors[memory] = .init(shape: [values.count / 2, 2], values: values)
      }
    }
    let folder = faces.folder("run")
    let before = try ["metrics.jsonl", "checkpoint.safetensors", "recipe.yaml"].map {
      Digest.sha256(try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\($0)")))
    }
    let words = failure { try faces.run("run", recipe, resumed: true) }
    #expect(words != "none")
    let named = [
      "short": "shape [1]", "missing": "is missing", "extra": "does not use", "unknown": "mystery",
      "nan": "NaN or infinite", "negative": "lacks step", "late": "step 10",
      "nameless": "lacks step",
      "weights": "there is no", "shape": "shape [",
    ]
    #expect(words.contains(named[how] ?? ""), "\(words)")
    let after = try ["metrics.jsonl", "checkpoint.safetensors", "recipe.yaml"].map {
      Digest.sha256(try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\($0)")))
    }
    #expect(before == after)
  }

  @Test("is trained by one process at a time")
  func locked() throws {
    try faces.run("run", recipe, steps: 2)
    let lock = try FileLock(path: faces.folder("run").lock)
    #expect(failure { try faces.run("run", recipe, resumed: true) }.contains("runLocked"))
    #expect(failure { try faces.run("run", recipe, resumed: true) }.contains("process"))
    _ = consume lock
    #expect(try faces.run("run", recipe, resumed: true).steps == 7)
  }

  @Test("keeps no line of the metrics beyond the checkpoint, and never writes a line again")
  func metrics() throws {
    try faces.run("run", recipe, steps: 3)
    let path = faces.folder("run").metrics
    let kept = try String(contentsOfFile: path, encoding: .utf8)
    // Three steps and what is known after the epoch.
    #expect(kept.split(separator: "\n").count == 4)
    var status = stat()
    #expect(stat(path, &status) == 0)
    let node = status.st_ino
    // What a run writes that is killed between the metrics and the checkpoint.
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data((kept.split(separator: "\n")[2] + "\n{\"cut").utf8))
    try handle.close()
    try faces.run("run", recipe, resumed: true)
    let all = try String(contentsOfFile: path, encoding: .utf8)
    #expect(all.hasPrefix(kept) && all.split(separator: "\n").count == 12)
    #expect(stat(path, &status) == 0 && status.st_ino == node)
  }

  @Test("whose metrics cannot be read is refused, and they stay")
  func unreadableMetrics() throws {
    try faces.run("run", recipe, steps: 3)
    let path = faces.folder("run").metrics
    let text = try String(contentsOfFile: path, encoding: .utf8)
    // A folder in its place is there and cannot be read.
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    #expect(failure { try faces.run("run", recipe, resumed: true) }.contains("cannot be read"))
    #expect(FileManager.default.fileExists(atPath: path))
    try FileManager.default.removeItem(atPath: path)
    let damaged = text.replacingOccurrences(of: "\"step\":2", with: "\"step\":7")
    try damaged.write(toFile: path, atomically: true, encoding: .utf8)
    #expect(failure { try faces.run("run", recipe, resumed: true) }.contains("other contents"))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == damaged)
    try String(text.split(separator: "\n")[0] + "\n").write(
      toFile: path, atomically: true, encoding: .utf8)
    #expect(failure { try faces.run("run", recipe, resumed: true) }.contains("at the checkpoint"))
  }

  private func longer(_ epochs: Int, _ more: String = "") throws -> Recipe {
    try Recipe.parse(
      yaml: SmallFaces.recipe(more).yaml, path: "r", settings: [("epochs", "\(epochs)")])
  }

  @Test("can be made longer, to the same bits as one that was that long from the start")
  func extends() throws {
    let long = try longer(5)
    try faces.run("whole", long)
    try faces.run("parts", recipe)
    #expect(try faces.run("parts", long, resumed: true).steps == 6)
    #expect(try faces.checkpoint("parts") == faces.checkpoint("whole"))
    #expect(
      try RunRecord.read(faces.folder("parts")) == RunRecord.read(faces.folder("whole")))
    // The record and the recipe agree, so that it can be evaluated.
    #expect(try Recipe.read(faces.folder("parts").recipe) == long)
    // Another recipe is still another run.
    let other = try longer(6, "augmentation: [flip: {}]")
    #expect(failure { try faces.run("parts", other, resumed: true) }.contains("recipe"))
  }

  @Test("cannot be made longer where the rates follow from the length, and the key is named")
  func fixedLength() throws {
    let schedule = "schedule: {cosine: {warm-up: 1}}"
    try faces.run("cosine", longer(3, schedule))
    let words = failure { try faces.run("cosine", longer(4, schedule), resumed: true) }
    #expect(words.contains("fixedLength") && words.contains("cosine"), "\(words)")
    try faces.run("step", longer(3, "schedule: {step: {factor: 0.5, every: 1}}"))
    #expect(
      try faces.run(
        "step", longer(4, "schedule: {step: {factor: 0.5, every: 1}}"), resumed: true
      ).steps == 3)
  }

  @Test("without a checkpoint is said to have none")
  func noCheckpoint() throws {
    try faces.run("run", recipe, steps: 3)
    try FileManager.default.removeItem(atPath: faces.folder("run").checkpoint)
    #expect(failure { _ = try faces.scores("run", recipe) }.contains("noCheckpoint"))
    // It begins again.
    #expect(try faces.run("run", recipe, resumed: true).steps == 9)
  }

  @Test("says which epochs were trained by this call")
  func epochs() throws {
    #expect(try faces.run("run", recipe, steps: 3).firstEpoch == 1)
    #expect(try faces.run("run", recipe, resumed: true).firstEpoch == 2)
  }

  @Test("has numbers in its recipe as a person writes them")
  func numbers() throws {
    let yaml = try SmallFaces.recipe("schedule: {exponential: {factor: 0.01}}").yaml
    #expect(yaml.contains("factor: 0.01\n"))
    #expect(yaml.contains("rate: 0.001\n"))
    #expect(yaml.contains("epsilon: 1e-07\n"))
    #expect(try Recipe.parse(yaml: yaml, path: "r").yaml == yaml)
  }

  @Test("without a checkpoint can be made longer too, and says so afterwards")
  func extendsFromTheStart() throws {
    try faces.run("run", recipe, steps: 1)
    try FileManager.default.removeItem(atPath: faces.folder("run").checkpoint)
    let longer = try longer(4)
    try faces.run("run", longer, resumed: true)
    let text = try String(contentsOfFile: faces.folder("run").recipe, encoding: .utf8)
    #expect(text == longer.yaml)
    #expect(try RunRecord.read(faces.folder("run")).recipeDigest == Digest.sha256(text.utf8))
  }

  @Test("ends at the step whose loss is no number, and keeps no such weights")
  func diverges() throws {
    let wild = try Recipe.parse(
      yaml: recipe.yaml, path: "r",
      settings: [("optimizer.rmsprop.rate", "1.0e+30"), ("batch", "4")])
    // The first step's loss is sound and its update is not: the second step shows it.
    let words = failure { try faces.run("run", wild) }
    #expect(words.contains("epoch: 1, step: 2, checkpoint: nil"), "\(words)")
    #expect(!FileManager.default.fileExists(atPath: faces.folder("run").checkpoint))
  }

  @Test("names the layer whose output is not finite, and the newest checkpoint")
  func namesTheLayer() throws {
    let tower =
      "[flatten: {}, dense: {units: 4}, dense: {units: 3, kernel-initializer: {constant: {value: 3.0e+38}}}]"
    let huge = try Recipe.parse(yaml: recipe.yaml, path: "r", settings: [("tower", tower)])
    #expect(failure { try faces.run("run", huge) }.contains("layer 2, dense"))
    // After a good epoch the message has its checkpoint, which stays.
    let late = try Recipe.parse(
      yaml: recipe.yaml, path: "r",
      settings: [("schedule", "{step: {factor: 1.0e+30, every: 1}}"), ("batch", "10")])
    let words = failure { try faces.run("late", late) }
    #expect(words.contains("checkpoint: Optional(2)"), "\(words)")
    #expect(try Checkpoint(faces.folder("late")).state.step == 2)
  }

  @Test("tells when all images get the same embedding, and not otherwise")
  func collapse() throws {
    func notes(_ name: String, _ settings: [(key: String, value: String)]) throws -> [String] {
      var notes: [String] = []
      _ = try TrainingRun(
        recipe: Recipe.parse(yaml: recipe.yaml, path: "r", settings: settings),
        catalog: faces.catalog, protocolName: "p", seed: 0, machine: faces.machine,
        folder: faces.folder(name), isResumed: false
      ).train { if case .warning(let text) = $0 { notes.append(text) } }
      return notes
    }
    let constant = ("tower.1.dense.kernel-initializer", "{constant: {value: 0}}")
    // RECIPES, test vectors 5: m^2 / 2 of the keras form.
    let collapsed = try notes("constant", [constant])
    #expect(collapsed.count == 3 && collapsed[0].contains("collapsed"))
    #expect(collapsed[0].contains("0.5"))
    #expect(try notes("plain", []).isEmpty)
    // The same value of the loss with embeddings that differ is no collapse.
    let triplets: [(key: String, value: String)] = [
      ("sampler", "{identities: {identities: 3, samples: 2, batches-per-epoch: 2}}"),
      ("loss", "{triplet: {mining: batch-hard, margin: 0.5}}"), ("batch", "6"),
    ]
    #expect(try notes("triplets", triplets + [constant]).count == 3)
    #expect(try notes("no-triplets", triplets).isEmpty)
  }
}
