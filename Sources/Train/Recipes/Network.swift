import Configuration
import Foundation
import Neural

/// A network as a file describes it: what it takes, its layers, and what compares two embeddings.
public struct Network: Codable, Sendable, Equatable {
  /// The short name.
  public let name: String
  /// One line on what it is.
  public let title: String
  /// Where it comes from.
  public let source: String
  /// The images it takes unless others are asked for.
  public let input: InputSamples
  /// The layers of the tower.
  public let tower: [LayerSpecification]
  /// What compares two embeddings; `nil` when their distance does.
  public let head: ScoringHead?

  /// A network with its parts.
  init(
    name: String, title: String, source: String, input: InputSamples,
    tower: [LayerSpecification], head: ScoringHead?
  ) {
    self.name = name
    self.title = title
    self.source = source
    self.input = input
    self.tower = tower
    self.head = head
  }

  /// Reads a network from YAML.
  ///
  /// - Parameters:
  ///   - yaml: the text of the file.
  ///   - path: names the file in errors.
  /// - Returns: the network.
  /// - Throws: ``ConfigurationError``, also for a key that nothing reads.
  public static func parse(yaml: String, path: String) throws -> Network {
    let network = try StrictYAML.decode(
      Network.self, from: yaml, what: "network", path: path,
      keys: ["name", "title", "source", "input", "tower", "head"],
      userInfo: SpecificationKinds.userInfo)
    try network.input.check(what: "network", path: path)
    return network
  }

  /// Reads every network of a folder, by name.
  public static func all(in folder: String) throws -> [Network] {
    let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0.hasSuffix(".yaml") }.sorted()
    var networks: [Network] = []
    for file in files {
      guard let text = try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8) else {
        throw ConfigurationError(
          what: "network", path: "\(folder)/\(file)", reason: "it cannot be read")
      }
      networks.append(try parse(yaml: text, path: "\(folder)/\(file)"))
    }
    return networks
  }

  /// The layers over an input, without memory for training, to look at.
  ///
  /// - Parameter input: what one row of the input is; `nil` for the network's own.
  /// - Returns: the layers from the input on.
  /// - Throws: ``TrainError``; for an input that is too small with the smallest that fits.
  public func describe(input: ActivationShape? = nil) throws -> [Tower.Description] {
    try Self.describe(tower, input: input ?? self.input.shape)
  }

  /// What a training would compute in, and how many bytes it would have beside weights, gradients
  /// and optimiser.
  ///
  /// - Parameters:
  ///   - input: what one row of the input is.
  ///   - rows: how many images at once.
  ///   - precision: what convolutions are to compute in, where they can.
  /// - Returns: both.
  /// - Throws: ``TrainError``.
  public func plan(
    input: ActivationShape, rows: Int, precision: Precision
  ) throws -> (precision: Precision, activationBytes: Int) {
    let tower = try Tower(
      self.tower, input: input, rows: rows, seed: 0, isTrainable: false, precision: precision)
    return (tower.precision, tower.activationBytes)
  }

  /// Times every layer of the tower in training, over random numbers.
  ///
  /// - Parameters:
  ///   - input: what one row of the input is.
  ///   - rows: how many images at once.
  ///   - precision: what convolutions compute in.
  /// - Returns: the shortest of five times, layer by layer as ``describe(input:)`` has them.
  /// - Throws: ``TrainError``.
  public func measure(
    input: ActivationShape, rows: Int, precision: Precision
  ) throws -> [Tower.Timing] {
    try Tower(
      tower, input: input, rows: rows, seed: 0, isTrainable: true, precision: precision
    ).time(repeats: 5)
  }

  static func describe(
    _ tower: [LayerSpecification], input: ActivationShape
  ) throws -> [Tower.Description] {
    do throws(NeuralError) {
      return try Tower(tower, input: input, rows: 1, seed: 0, isTrainable: false).descriptions
    } catch {
      guard case .doesNotFit = error, case .image(_, _, let channels) = input,
        let side = LayerSpecification.smallestSide(of: tower, channels: channels)
      else { throw error }
      throw TrainError.tooSmall(error, smallest: side)
    }
  }
}
