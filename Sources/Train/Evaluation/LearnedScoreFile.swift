import Foundation
import Neural
import Shards

/// The file of a learned score in the folder of a run.
enum LearnedScoreFile {
  private static let (kind, shrinkage) = ("score", "shrinkage")
  private static let (weights, directions) = ("weights", "directions")
  private static let name = "joint-bayesian"
  private static let (mean, matrix, curvatures, bias) = (
    "score.mean", "score.matrix", "score.curvatures", "score.bias"
  )

  /// Writes the score of the weights that the run has now, durably.
  ///
  /// - Throws: `ShardError`; the existing file is then unchanged.
  static func write(
    _ score: JointBayesian, _ fit: LearnedScore, to folder: RunFolder
  ) throws {
    let metadata = [
      kind: Self.name, shrinkage: "\(fit.jointBayesian.shrinkageOrDefault)",
      weights: folder.weightsDigest,
      directions: score.usesDirections ? "true" : "false",
    ]
    let (rows, columns) = (score.curvatures.count, score.mean.count)
    let tensors = [
      mean: TensorFile.Entry(shape: [columns], values: score.mean),
      matrix: TensorFile.Entry(shape: [rows, columns], values: score.matrix),
      curvatures: TensorFile.Entry(shape: [rows], values: score.curvatures),
      bias: TensorFile.Entry(shape: [1], values: [score.bias]),
    ]
    try TensorFile(metadata: metadata, tensors: tensors).write(to: folder.learnedScore)
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
    guard file.metadata[weights] == folder.weightsDigest,
      file.metadata[shrinkage] == "\(fit.jointBayesian.shrinkageOrDefault)"
    else {
      throw fault(
        "its score.safetensors is of other weights or settings; train run --resume makes it again")
    }
    func values(_ name: String) -> [Float] { file.tensors[name]?.values ?? [] }
    guard file.metadata[kind] == Self.name, let flag = file.metadata[directions].flatMap(Bool.init),
      let bias = values(bias).first,
      let score = JointBayesian(
        usesDirections: flag, mean: values(mean), matrix: values(matrix),
        curvatures: values(curvatures), bias: bias)
    else {
      throw fault("its score.safetensors is damaged; train run --resume makes it again")
    }
    return score
  }
}
