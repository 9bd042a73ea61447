import Foundation
import Neural
import Shards

/// The file of a learned score in the folder of a run.
enum LearnedScoreFile {
  private static let (kind, shrinkage) = ("score", "shrinkage")
  private static let (weights, directions) = ("weights", "directions")
  private static let temperature = "temperature"
  private static let name = "joint-bayesian"
  private static let (mean, matrix, curvatures, bias) = (
    "score.mean", "score.matrix", "score.curvatures", "score.bias"
  )
  private static let (counts, means) = ("score.people.counts", "score.people.means")

  /// Writes the score of the weights that the run has now, durably.
  ///
  /// - Throws: `ShardError`; the existing file is then unchanged.
  static func write(
    _ score: JointBayesian, _ fit: LearnedScore, to folder: RunFolder
  ) throws {
    var metadata = settings(fit)
    metadata[weights] = folder.weightsDigest
    metadata[directions] = score.usesDirections ? "true" : "false"
    let (rows, columns) = (score.curvatures.count, score.mean.count)
    var tensors = [
      mean: TensorFile.Entry(shape: [columns], values: score.mean),
      matrix: TensorFile.Entry(shape: [rows, columns], values: score.matrix),
      curvatures: TensorFile.Entry(shape: [rows], values: score.curvatures),
      bias: TensorFile.Entry(shape: [1], values: [score.bias]),
    ]
    if let people = score.people {
      let count = people.counts.count
      tensors[counts] = TensorFile.Entry(shape: [count], values: people.counts)
      tensors[means] = TensorFile.Entry(shape: [count, rows], values: people.means)
    }
    try TensorFile(metadata: metadata, tensors: tensors).write(to: folder.learnedScore)
  }

  /// The metadata that says what was asked for.
  private static func settings(_ fit: LearnedScore) -> [String: String] {
    let fit = fit.jointBayesian
    var settings = [kind: name, shrinkage: "\(fit.shrinkageOrDefault)"]
    settings[temperature] = fit.knownPeople.map { "\($0.temperatureOrDefault)" }
    return settings
  }

  /// Whether the run has the score that its recipe asks for, of the weights that it has now.
  static func isCurrent(_ folder: RunFolder, _ fit: LearnedScore) -> Bool {
    (try? read(folder, fit)) != nil
  }

  /// Reads the score that the recipe of a run asks for, of the weights that it has now.
  ///
  /// - Returns: the score; `nil` if the training has not ended yet.
  /// - Throws: ``TrainError/badRun(folder:reason:)`` if it is of other weights, or damaged.
  static func read(_ folder: RunFolder, _ fit: LearnedScore) throws -> JointBayesian? {
    func fault(_ reason: String) -> TrainError { .badRun(folder: folder.path, reason: reason) }
    guard FileManager.default.fileExists(atPath: folder.learnedScore) else { return nil }
    guard let file = try? TensorFile(path: folder.learnedScore) else {
      throw fault("its score.safetensors is damaged; train run --resume makes it again")
    }
    let settings = settings(fit)
    guard file.metadata[weights] == folder.weightsDigest,
      [kind, shrinkage, temperature].allSatisfy({ file.metadata[$0] == settings[$0] })
    else {
      throw fault(
        "its score.safetensors is of other weights or settings; train run --resume makes it again")
    }
    func values(_ name: String) -> [Float] { file.tensors[name]?.values ?? [] }
    let people = fit.jointBayesian.knownPeople.map { fit in
      KnownPeople(
        counts: values(counts), means: values(means),
        temperature: Float(fit.temperatureOrDefault), curvatures: values(curvatures))
    }
    guard people.map({ $0 != nil }) ?? true,
      let flag = file.metadata[directions].flatMap(Bool.init), let bias = values(bias).first,
      let score = JointBayesian(
        usesDirections: flag, mean: values(mean), matrix: values(matrix),
        curvatures: values(curvatures), bias: bias, people: people ?? nil)
    else {
      throw fault("its score.safetensors is damaged; train run --resume makes it again")
    }
    return score
  }
}
