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
    var tensors: [String: TensorFile.Entry] = [:]
    for parameter in parameters {
      tensors[Prefix.weights + parameter.name] = TensorFile.Entry(
        shape: parameter.shape, values: parameter.values.values)
    }
    for (name, values) in optimizer.state {
      tensors[Prefix.optimizer + name] = TensorFile.Entry(shape: [values.count], values: values)
    }
    for (name, tensor) in normalization.tensors {
      tensors[Prefix.normalization + name] = TensorFile.Entry(
        shape: tensor.shape, values: tensor.values)
    }
    let file = TensorFile(metadata: ["step": String(step)], tensors: tensors)
    try onFile { () throws(ShardError) in try file.write(to: folder.checkpoint) }
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
