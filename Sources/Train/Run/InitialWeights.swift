import Foundation
import Neural
import Shards

/// Trained weights that another training begins with.
///
/// The weights of each parameter with the same name and shape are taken, or their averages, except those of the classes of
/// a loss, because they belong to other identities.
public struct InitialWeights: Sendable {
  /// The path as the user gave it.
  public let path: String
  /// SHA-256 of the file with the weights.
  public let digest: String
  /// The lines of the earlier run's ``RunFolder/trainedOn``; `nil` if it is not known whom the
  /// weights were trained on.
  let trainedOn: String?
  /// Whether it is not known of all people whom the weights, or those that they began with, were
  /// trained on.
  let isUnknown: Bool
  private let tensors: [String: TensorFile.Entry]

  /// Reads weights from the folder of a run, or from a file with tensors.
  ///
  /// - Throws: ``TrainError/badInitialWeights(path:reason:)``.
  public init(path: String) throws {
    self.path = path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw TrainError.badInitialWeights(path: path, reason: "there is no such file or run")
    }
    // A checkpoint in the folder of a run is that run's.
    let beside = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let folder = RunFolder(path: isFolder.boolValue ? path : beside)
    let file = isFolder.boolValue ? folder.weights : path
    if isFolder.boolValue || folder.exists {
      guard folder.hasCheckpoint else { throw TrainError.noCheckpoint(folder: folder.path) }
      guard let text = try? String(contentsOfFile: folder.trainedOn, encoding: .utf8) else {
        throw TrainError.badInitialWeights(
          path: path, reason: "\(folder.trainedOn), which says whom it was trained on, is missing")
      }
      trainedOn = text
      isUnknown = try RunRecord.read(folder).initialWeightsUnknown ?? false
    } else {
      trainedOn = nil
      isUnknown = true
    }
    do throws(ShardError) { tensors = try TensorFile(path: file).tensors } catch {
      throw TrainError.badInitialWeights(path: file, reason: "it is not a file of float tensors")
    }
    digest = Digest.sha256(file: file)
  }

  /// Throws if the weights were trained on people or images that the protocol of a new training
  /// tests.
  ///
  /// - Throws: ``TrainError/trainedOnTest(folder:identities:)`` or, in a closed set,
  ///   ``TrainError/trainedOnTestImages(folder:images:)``.
  public func refuseContamination(of data: TrainingData) throws {
    guard let trainedOn else { return }
    let folder = RunFolder(path: path)
    let earlier = try TrainedOn(text: trainedOn, of: folder)
    for catalog in data.stores.catalogs {
      let summary = try catalog.protocolSummary(data.protocolName)
      var tested: Set<Int> = []
      for part in summary.members.keys where part.role == .test {
        guard data.fold == nil || part.fold == data.fold?.tested else { continue }
        tested.formUnion(try catalog.members(of: summary.name, part))
      }
      let found = try earlier.contamination(of: tested, in: catalog)
      try found.refuse(isClosedSet: ClosedSet.contains(summary, catalog), run: folder)
    }
  }

  /// The prefixes of a weight's name in a checkpoint; an average is taken before the weight.
  private static let prefixes = ["average.", "weights.", ""]

  /// Copies the weights to the parameters with the same names.
  ///
  /// - Parameters:
  ///   - tower: the parameters of the tower; each must be in the file with the same shape.
  ///   - others: the parameters of the loss and the head; taken if they fit.
  /// - Throws: ``TrainError/badInitialWeights(path:reason:)``; nothing was changed.
  func load(into tower: [Parameter], others: [Parameter]) throws {
    func found(_ parameter: Parameter) -> TensorFile.Entry? {
      Self.prefixes.lazy.compactMap { tensors[$0 + parameter.name] }.first
    }
    for parameter in tower {
      guard let entry = found(parameter) else {
        throw TrainError.badInitialWeights(path: path, reason: "it has no \(parameter.name)")
      }
      guard entry.shape == parameter.shape else {
        throw TrainError.badInitialWeights(
          path: path,
          reason: "\(parameter.name) has the shape \(entry.shape), not \(parameter.shape)")
      }
      guard entry.values.allSatisfy(\.isFinite) else {
        throw TrainError.badInitialWeights(
          path: path, reason: "\(parameter.name) has values that are NaN or infinite")
      }
    }
    for parameter in tower + others where !parameter.name.hasPrefix("classes.") {
      guard let entry = found(parameter), entry.shape == parameter.shape,
        entry.values.allSatisfy(\.isFinite)
      else { continue }
      parameter.values.replace(with: entry.values)
    }
  }
}
