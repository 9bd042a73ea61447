import Neural
import Shards

/// The weights of a tower and the optimiser's memory after some steps.
struct Checkpoint {
  /// How many steps are behind.
  let step: Int
  /// The weights by name.
  let weights: [String: (shape: [Int], values: [Float])]
  /// The optimiser's memory by parameter.
  let optimizer: [String: [Float]]

  private static let weightPrefix = "weights."
  private static let optimizerPrefix = "optimizer."

  static func write(
    step: Int, tower: Tower, optimizer: RMSProp, to folder: RunFolder
  ) throws(TrainError) {
    var tensors: [String: TensorFile.Entry] = [:]
    let memory = optimizer.state
    for parameter in tower.parameters {
      tensors[weightPrefix + parameter.name] = TensorFile.Entry(
        shape: parameter.shape, values: parameter.values.values)
      if let values = memory[parameter.name] {
        tensors[optimizerPrefix + parameter.name] = TensorFile.Entry(
          shape: parameter.shape, values: values)
      }
    }
    let file = TensorFile(metadata: ["step": String(step)], tensors: tensors)
    try onFile { () throws(ShardError) in try file.write(to: folder.checkpoint) }
  }

  init(_ folder: RunFolder) throws(TrainError) {
    let file = try onFile { () throws(ShardError) in try TensorFile(path: folder.checkpoint) }
    guard let step = file.metadata["step"].flatMap({ Int($0) }) else {
      throw .badRun(folder: folder.path, reason: "the checkpoint names no step")
    }
    self.step = step
    var weights: [String: (shape: [Int], values: [Float])] = [:]
    var optimizer: [String: [Float]] = [:]
    for (name, entry) in file.tensors {
      if name.hasPrefix(Self.weightPrefix) {
        weights[String(name.dropFirst(Self.weightPrefix.count))] = (entry.shape, entry.values)
      } else if name.hasPrefix(Self.optimizerPrefix) {
        optimizer[String(name.dropFirst(Self.optimizerPrefix.count))] = entry.values
      }
    }
    self.weights = weights
    self.optimizer = optimizer
  }
}
