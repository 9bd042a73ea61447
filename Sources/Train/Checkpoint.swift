import Neural
import Shards

/// The weights of a tower, the optimiser's memory after some steps, and what its inputs are
/// normalised by.
struct Checkpoint {
  /// How many steps are behind.
  let step: Int
  /// The weights by name.
  let weights: [String: (shape: [Int], values: [Float])]
  /// The optimiser's memory by what it is and the parameter.
  let optimizer: [String: [Float]]
  /// What was learned of the training images.
  let normalization: InputStatistics

  /// What a tensor's name begins with.
  private enum Prefix {
    static let weights = "weights."
    static let optimizer = "optimizer."
    static let normalization = "normalization."
  }

  static func write(
    step: Int, parameters: [Parameter], optimizer: Optimizer, normalization: InputStatistics,
    to folder: RunFolder
  ) throws(TrainError) {
    // Handed on as they lie: a copy of all weights would be a quarter of a run's memory.
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
    try onFile { () throws(ShardError) in
      try TensorFile.write(
        metadata: ["step": String(step)], shapes: tensors.mapValues(\.shape),
        to: folder.checkpoint
      ) { name, put throws(ShardError) in
        guard let values = tensors[name]?.values else { return }
        try put(UnsafeRawBufferPointer(start: values.start, count: 4 * values.count))
      }
    }
  }

  init(_ folder: RunFolder) throws(TrainError) {
    let file = try onFile { () throws(ShardError) in try TensorFile(path: folder.checkpoint) }
    guard let step = file.metadata["step"].flatMap({ Int($0) }) else {
      throw .badRun(folder: folder.path, reason: "the checkpoint names no step")
    }
    func entries(_ prefix: String) -> [String: (shape: [Int], values: [Float])] {
      let named = file.tensors.filter { $0.key.hasPrefix(prefix) }.map {
        (String($0.key.dropFirst(prefix.count)), (shape: $0.value.shape, values: $0.value.values))
      }
      return Dictionary(uniqueKeysWithValues: named)
    }
    self.step = step
    weights = entries(Prefix.weights)
    optimizer = entries(Prefix.optimizer).mapValues(\.values)
    normalization = InputStatistics(tensors: entries(Prefix.normalization))
  }
}
