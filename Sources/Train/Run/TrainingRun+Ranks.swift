import Foundation
import MessagePassing
import Neural

/// A training on several processes: rank 0 writes the files and evaluates; the others only compute.
extension TrainingRun {
  /// Whether this process writes the files of the run.
  var isWriter: Bool { options.group?.isFirst ?? true }

  /// Gets a value of rank 0, which alone computes it.
  func sharing<Value: Codable>(_ value: () throws -> Value) throws -> Value {
    try Self.share(options.group, value)
  }

  static func share<Value: Codable>(
    _ group: RankGroup?, _ value: () throws -> Value
  ) throws -> Value {
    guard let group else { return try value() }
    let (infinity, nan) = ("inf", "nan")
    guard group.isFirst else {
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: infinity, negativeInfinity: "-" + infinity, nan: nan)
      return try decoder.decode(Value.self, from: Data(group.broadcast([])))
    }
    let own = try value()
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: infinity, negativeInfinity: "-" + infinity, nan: nan)
    _ = try group.broadcast(Array(encoder.encode(own)))
    return own
  }

  /// Builds the network; the convolutions of all processes are computed as rank 0 has chosen.
  static func network(
    _ recipe: Recipe, classes: Int, stepsPerEpoch: Int, options: TrainingOptions
  ) throws -> TrainedNetwork {
    func build(_ options: TrainingOptions) throws -> TrainedNetwork {
      try TrainedNetwork(
        recipe, classes: classes, stepsPerEpoch: stepsPerEpoch, options: options)
    }
    guard let group = options.group else { return try build(options) }
    var network: TrainedNetwork?
    let text = try share(group) {
      let first = try build(options)
      network = first
      return first.tower.convolutions.description
    }
    if let network { return network }
    var own = options
    guard let choices = ConvolutionChoices(text) else {
      preconditionFailure("rank 0 has the same version")
    }
    own.convolution = .recorded(choices)
    return try build(own)
  }

  /// Throws if the processes do not train the same run from the same checkpoint.
  ///
  /// - Parameter checkpoint: the checkpoint that this process sees.
  /// - Throws: ``TrainError/differentRanks(rank:what:)``.
  func checkRanks(checkpoint: String) throws {
    guard let group = options.group else { return }
    let record = record
    let first = try sharing { FirstRank(record: record, checkpoint: checkpoint) }
    var differences = first.record.differences(from: record)
    if first.checkpoint != checkpoint {
      differences.append("checkpoint (\(checkpoint), and \(first.checkpoint) on rank 0)")
    }
    let text = differences.isEmpty ? nil : "\(group.index)\t\(differences.joined(separator: ", "))"
    guard let fault = try group.firstText(text) else { return }
    let parts = fault.split(separator: "\t", maxSplits: 1)
    throw TrainError.differentRanks(rank: Int(parts[0]) ?? 0, what: String(parts[1]))
  }

  private struct FirstRank: Codable {
    let record: RunRecord
    let checkpoint: String
  }

  /// Waits until every process is here.
  func meet() throws { _ = try options.group?.gather([0.0]) }
}
