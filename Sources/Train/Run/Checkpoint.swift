import Foundation
import Neural
import Shards

/// Everything that a run needs to continue: weights, their averages, the memory of the optimiser, the
/// statistics for the normalisation of inputs, and its position.
struct Checkpoint {
  /// The position of the run.
  let state: TrainingState
  /// The weights by name.
  let weights: [String: (shape: [Int], values: [Float])]
  /// The averages of the weights by name; empty if the recipe asks for none.
  let averages: [String: (shape: [Int], values: [Float])]
  /// The memory of the optimiser by slot and parameter name; empty if it was not read.
  let optimizer: [String: (shape: [Int], values: [Float])]
  /// The statistics of the training images.
  let normalization: InputStatistics

  /// The prefix of a tensor's name.
  private enum Prefix: String, CaseIterable {
    case weights = "weights."
    case averages = "average."
    case optimizer = "optimizer."
    case normalization = "normalization."
    case state = "state."
  }

  /// Writes a checkpoint durably; the file appears complete or not at all.
  ///
  /// - Parameters:
  ///   - state: the position of the run.
  ///   - network: the network.
  ///   - normalization: the statistics of the training images.
  ///   - path: the file.
  /// - Throws: `ShardError`; the existing file is then unchanged.
  static func write(
    _ state: TrainingState, _ network: TrainedNetwork, normalization: InputStatistics,
    to path: String
  ) throws {
    // Passed without a copy: a copy of all weights would be a quarter of a run's memory.
    var tensors: [String: (shape: [Int], values: FloatBuffer)] = [:]
    for parameter in network.parameters {
      tensors[Prefix.weights.rawValue + parameter.name] = (parameter.shape, parameter.values)
    }
    for average in network.averages?.parameters ?? [] {
      tensors[Prefix.averages.rawValue + average.name] = (average.shape, average.values)
    }
    for (name, values) in network.optimizerMemory {
      tensors[Prefix.optimizer.rawValue + name] = ([values.count], values)
    }
    for (name, tensor) in normalization.tensors {
      tensors[Prefix.normalization.rawValue + name] = (tensor.shape, FloatBuffer(tensor.values))
    }
    for (name, values) in state.lists {
      tensors[Prefix.state.rawValue + name] = ([values.count], FloatBuffer(values))
    }
    try TensorFile.write(
      metadata: state.numbers, shapes: tensors.mapValues(\.shape), to: path
    ) { name, put throws(ShardError) in
      guard let values = tensors[name]?.values else { return }
      try put(UnsafeRawBufferPointer(start: values.start, count: 4 * values.count))
    }
  }

  /// Reads the checkpoint of a run.
  ///
  /// - Parameters:
  ///   - folder: the run's folder.
  ///   - path: the file; the run's newest checkpoint by default.
  ///   - readsOptimizer: whether the memory of the optimiser is read, which takes twice the memory of
  ///     the weights.
  /// - Throws: ``TrainError`` if it is missing or damaged. Its contents are checked when they are
  ///   loaded.
  init(_ folder: RunFolder, path: String? = nil, readsOptimizer: Bool = true) throws {
    let path = path ?? folder.checkpoint
    guard FileManager.default.fileExists(atPath: path) else {
      throw TrainError.noCheckpoint(folder: folder.path)
    }
    let file = try Self.read(path, of: folder, readsOptimizer: readsOptimizer)
    func entries(_ prefix: Prefix) -> [String: (shape: [Int], values: [Float])] {
      let named = file.tensors.filter { $0.key.hasPrefix(prefix.rawValue) }.map {
        (
          String($0.key.dropFirst(prefix.rawValue.count)),
          (shape: $0.value.shape, values: $0.value.values)
        )
      }
      return Dictionary(uniqueKeysWithValues: named)
    }
    guard
      let state = TrainingState(
        numbers: file.metadata, lists: entries(.state).mapValues(\.values))
    else {
      throw TrainError.badRun(
        folder: folder.path,
        reason:
          "its checkpoint lacks step, metrics-bytes or evaluations-since-best, as those of earlier "
          + "versions do"
      )
    }
    self.state = state
    weights = entries(.weights)
    averages = entries(.averages)
    optimizer = entries(.optimizer)
    if let unknown = file.tensors.keys.sorted().first(where: { name in
      !Prefix.allCases.contains { name.hasPrefix($0.rawValue) }
    }) {
      throw TrainError.badRun(
        folder: folder.path, reason: "its checkpoint has a tensor \(unknown), which nothing reads")
    }
    normalization = InputStatistics(tensors: entries(.normalization))
  }

  /// The weights that an evaluation uses: the averages if there are any.
  var evaluatedWeights: [String: (shape: [Int], values: [Float])] {
    averages.isEmpty ? weights : averages
  }

  private static func read(
    _ path: String, of folder: RunFolder, readsOptimizer: Bool
  ) throws -> TensorFile {
    do throws(ShardError) {
      return try TensorFile(path: path) { name in
        readsOptimizer || !name.hasPrefix(Prefix.optimizer.rawValue)
      }
    } catch {
      // The one before the newest is whole, because it was the newest until this one was.
      let previous =
        path == folder.checkpoint
        && FileManager.default.fileExists(atPath: folder.previousCheckpoint)
      throw TrainError.damagedCheckpoint(
        path: path, previous: previous ? folder.previousCheckpoint : nil, error)
    }
  }
}
