import Foundation
import Neural
import Shards
import TensorBoard

/// What a run writes for TensorBoard: its losses and figures by step, and the graph of the network.
///
/// A class because it owns a file.
final class TensorBoardLog {
  private let file: EventFile
  private let folder: RunFolder

  init(_ folder: RunFolder, step: Int, recipe: Recipe, network: TrainedNetwork) throws {
    self.folder = folder
    file = try EventFile(
      folder: folder.path, step: step, graph: Self.graph(recipe, network.tower))
  }

  /// The twin network: two images, one tower for both, and their comparison.
  private static func graph(_ recipe: Recipe, _ tower: Tower) -> [EventFile.Node] {
    func sizes(_ shape: ActivationShape) -> [Int] {
      switch shape {
      case .image(let height, let width, let channels): [height, width, channels]
      case .features(let count): [count]
      }
    }
    var nodes = ["left", "right"].map {
      EventFile.Node(
        name: "images/\($0)", kind: "Placeholder", inputs: [], shape: sizes(tower.inputShape))
    }
    var inputs = nodes.map(\.name)
    for (index, layer) in tower.descriptions.enumerated() {
      let name = "tower/\(index)-\(layer.name)"
      nodes.append(
        EventFile.Node(name: name, kind: layer.name, inputs: inputs, shape: sizes(layer.output)))
      inputs = [name]
    }
    if let head = recipe.head {
      nodes.append(EventFile.Node(name: "head", kind: head.name, inputs: inputs, shape: [1]))
      inputs = ["head"]
    }
    nodes.append(EventFile.Node(name: "loss", kind: recipe.loss.name, inputs: inputs, shape: []))
    return nodes
  }

  func add(_ report: StepReport, rate: Double) {
    let scalars: [(tag: String, value: Double?)] = [
      ("step/loss", Double(report.loss)), ("step/weight decay", report.weightDecay),
      ("step/active fraction", report.activeFraction.map(Double.init)), ("step/rate", rate),
    ]
    add(scalars, step: report.step)
  }

  func add(_ report: ValidationReport) {
    let scalars: [(tag: String, value: Double?)] = [
      ("loss/training", Double(report.trainingLoss)),
      ("loss/validation", report.validationLoss.map(Double.init)),
      ("accuracy/training", report.trainingAccuracy), ("accuracy/validation", report.accuracy),
      ("validation/AUC", report.auc), ("validation/F1", report.f1),
      ("validation/EER", report.eer), ("validation/one-shot", report.oneShot),
    ]
    add(scalars, step: report.evaluatedStep)
  }

  private func add(_ scalars: [(tag: String, value: Double?)], step: Int) {
    file.add(scalars.compactMap { scalar in scalar.value.map { (scalar.tag, $0) } }, step: step)
  }

  /// Writes what was added.
  ///
  /// - Throws: `ShardError`.
  func flush() throws {
    do { try file.flush() } catch let error as POSIXError {
      throw ShardError.system(
        operation: "write an event file in", path: folder.path, code: error.code.rawValue)
    }
  }
}
