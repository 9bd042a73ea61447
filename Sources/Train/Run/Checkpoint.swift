import Foundation
import Neural
import Shards

/// The weights of a tower and the memory of the optimiser after a number of steps, and the
/// statistics for the normalisation of inputs.
struct Checkpoint {
  /// Number of steps done so far.
  let step: Int
  /// The weights by name.
  let weights: [String: (shape: [Int], values: [Float])]
  /// The memory of the optimiser by slot and parameter name.
  let optimizer: [String: (shape: [Int], values: [Float])]
  /// The statistics of the training images.
  let normalization: InputStatistics

  /// The prefix of a tensor's name.
  private enum Prefix {
    static let weights = "weights."
    static let optimizer = "optimizer."
    static let normalization = "normalization."
  }

  static func write(
    step: Int, parameters: [Parameter], optimizer: Optimizer, normalization: InputStatistics,
    to folder: RunFolder
  ) throws {
    // Passed without a copy: a copy of all weights would be a quarter of a run's memory.
    var tensors: [String: (shape: [Int], values: FloatBuffer)] = [:]
    for parameter in parameters {
      tensors[Prefix.weights + parameter.name] = (parameter.shape, parameter.values)
    }
    for (name, values) in optimizer.memory {
      tensors[Prefix.optimizer + name] = ([values.count], values)
    }
    for (name, tensor) in normalization.tensors {
      tensors[Prefix.normalization + name] = (tensor.shape, FloatBuffer(tensor.values))
    }
    try TensorFile.write(
      metadata: ["step": String(step)], shapes: tensors.mapValues(\.shape),
      to: folder.checkpoint
    ) { name, put throws(ShardError) in
      guard let values = tensors[name]?.values else { return }
      try put(UnsafeRawBufferPointer(start: values.start, count: 4 * values.count))
    }
  }

  /// Reads the checkpoint of a run.
  ///
  /// - Throws: ``TrainError`` if it is missing or damaged. Its contents are checked when they are
  ///   loaded.
  init(_ folder: RunFolder) throws {
    guard FileManager.default.fileExists(atPath: folder.checkpoint) else {
      throw TrainError.noCheckpoint(folder: folder.path)
    }
    let file = try TensorFile(path: folder.checkpoint)
    guard let step = file.metadata["step"].flatMap({ Int($0) }), step >= 0 else {
      throw TrainError.badRun(
        folder: folder.path,
        reason: "its checkpoint is at step \(file.metadata["step"] ?? "none"), which is none")
    }
    func entries(_ prefix: String) -> [String: (shape: [Int], values: [Float])] {
      let named = file.tensors.filter { $0.key.hasPrefix(prefix) }.map {
        (String($0.key.dropFirst(prefix.count)), (shape: $0.value.shape, values: $0.value.values))
      }
      return Dictionary(uniqueKeysWithValues: named)
    }
    self.step = step
    weights = entries(Prefix.weights)
    optimizer = entries(Prefix.optimizer)
    let prefixes = [Prefix.weights, Prefix.optimizer, Prefix.normalization]
    if let unknown = file.tensors.keys.sorted().first(where: { name in
      !prefixes.contains { name.hasPrefix($0) }
    }) {
      throw TrainError.badRun(
        folder: folder.path, reason: "its checkpoint has a tensor \(unknown), which nothing reads")
    }
    normalization = InputStatistics(tensors: entries(Prefix.normalization))
  }
}
