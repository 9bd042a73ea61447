/// The figures of a network at one time of its training, on the fixed pairs and trials of the
/// validation side.
public struct ValidationReport: Codable, Sendable, Equatable {
  /// The step, from 1, after which the network was evaluated.
  public let evaluatedStep: Int
  /// The epoch of that step, from 1.
  public let epoch: Int
  /// The mean loss of the steps since the previous evaluation.
  public let trainingLoss: Float
  /// The largest fraction of correct decisions at any one threshold on the pairs of those steps, as
  /// the network saw them; `nil` for a loss without pairs.
  public let trainingAccuracy: Double?
  /// The loss of the validation pairs; `nil` for a loss without pairs, or without validation.
  public let validationLoss: Float?
  /// The largest fraction of correct decisions at any one threshold.
  public let accuracy: Double?
  /// The area under the ROC.
  public let auc: Double?
  /// 2 TP / (2 TP + FP + FN) at the threshold of the accuracy, with genuine pairs as positives.
  public let f1: Double?
  /// The equal error rate.
  public let eer: Double?
  /// The fraction of one-shot trials won; ties of m count as 1 / m.
  public let oneShot: Double?
  /// Whether no earlier evaluation was better; `nil` without a validation side.
  public let isBest: Bool?
}
