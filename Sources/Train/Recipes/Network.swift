import Configuration
import Foundation
import Neural

/// A network as described in a file: its input, its layers, and the comparison of two embeddings.
public struct Network: Codable, Sendable, Equatable {
  /// The short name.
  public let name: String
  /// A description of the network in one line.
  public let title: String
  /// The source of the network.
  public let source: String
  /// The images it expects by default.
  public let input: InputSamples
  /// The layers of the tower.
  public let tower: [LayerSpecification]
  /// The head that compares two embeddings; `nil` if their distance is used.
  public let head: Head?

  /// Reads a network from YAML.
  ///
  /// - Parameters:
  ///   - yaml: the text of the file.
  ///   - path: the name of the file in errors.
  /// - Returns: the network.
  /// - Throws: ``ConfigurationError``, also for an unknown key.
  public static func parse(yaml: String, path: String) throws -> Network {
    let network = try StrictYAML.decode(
      Network.self, from: yaml, what: "network", path: path,
      keys: ["name", "title", "source", "input", "tower", "head"],
      userInfo: SpecificationKinds.userInfo)
    try network.input.check(what: "network", path: path)
    return network
  }

  /// Reads all networks of a folder, by name.
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

  /// Describes the layers over an input, without allocating memory for training.
  ///
  /// - Parameter input: the shape of one row of the input; `nil` for the network's own.
  /// - Returns: the descriptions of the layers, from input to output.
  /// - Throws: ``TrainError``; if the input is too small, the error contains the smallest size that
  ///   fits.
  public func describe(input: ActivationShape? = nil) throws -> [Tower.Description] {
    try Self.describe(tower, input: input ?? self.input.shape)
  }

  /// The plan of a training.
  public struct Plan {
    /// The precision of the images between layers.
    public let precision: Precision
    /// Number of bytes needed in addition to weights, gradients and optimiser.
    public let activationBytes: Int
    /// Number of these for transformed images and kernels, and for sums of gradients.
    public let transformBytes: Int
    /// The methods of the convolutions.
    public let convolutions: ConvolutionChoices
    /// The times that they were chosen by, by the position of the layer.
    public let convolutionTimes: [String: ConvolutionTimes]
  }

  /// Plans a training.
  ///
  /// - Parameters:
  ///   - input: the shape of one row of the input.
  ///   - rows: the number of images at once.
  ///   - precision: the requested precision of convolutions.
  ///   - convolution: how the methods of convolutions are chosen.
  /// - Returns: the plan.
  /// - Throws: ``TrainError``.
  public func plan(
    input: ActivationShape, rows: Int, precision: Precision, convolution: ConvolutionPolicy
  ) throws -> Plan {
    let tower = try Tower(
      self.tower, input: input, rows: rows, seed: 0, isTrainable: true, precision: precision,
      drawsWeights: false, convolution: convolution)
    return Plan(
      precision: tower.precision, activationBytes: tower.activationBytes,
      transformBytes: tower.transformBytes,
      convolutions: tower.convolutions, convolutionTimes: tower.convolutionTimes)
  }

  /// Measures the time of every layer of the tower in training, on random input.
  ///
  /// - Parameters:
  ///   - input: the shape of one row of the input.
  ///   - rows: the number of images at once.
  ///   - precision: the precision of convolutions.
  ///   - convolution: how the methods of convolutions are chosen.
  /// - Returns: the minimum of five times for each layer, in the order of ``describe(input:)``.
  /// - Throws: ``TrainError``.
  public func measure(
    input: ActivationShape, rows: Int, precision: Precision, convolution: ConvolutionPolicy
  ) throws -> [Tower.Timing] {
    try Tower(
      tower, input: input, rows: rows, seed: 0, isTrainable: true, precision: precision,
      convolution: convolution
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
