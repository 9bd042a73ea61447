/// The position of a training and what it remembers of the steps before, besides weights.
struct TrainingState: Equatable {
  /// Number of steps done.
  var step = 0
  /// The mean losses of the finished epochs.
  var epochLosses: [Float] = []
  /// The losses of the steps of the current epoch.
  var stepLosses: [Float] = []
  /// The losses of the steps since the last evaluation.
  var evaluatedLosses: [Float] = []
  /// The scores of the pairs of those steps, and whether each pair is genuine (1) or not (0).
  var scores: [Float] = []
  var genuine: [Float] = []
  /// The best figure so far, larger is better; and the number of evaluations since then.
  var best: Double?
  var evaluationsSinceBest = 0
  /// The length of the file of metrics in bytes, and its SHA-256.
  var metricsBytes = 0
  var metricsDigest = ""

  /// Records the loss of a step.
  mutating func count(_ loss: Float, stepsPerEpoch: Int) {
    step += 1
    stepLosses.append(loss)
    evaluatedLosses.append(loss)
    guard step % stepsPerEpoch == 0 else { return }
    epochLosses.append(stepLosses.reduce(0, +) / Float(stepLosses.count))
    stepLosses = []
  }

  /// Records the scores of the pairs of a step.
  mutating func count(scores: [Float], genuine: [Bool]) {
    self.scores += scores
    self.genuine += genuine.map { $0 ? 1 : 0 }
  }

  /// Forgets the steps before an evaluation.
  mutating func beginInterval() {
    (evaluatedLosses, scores, genuine) = ([], [], [])
  }

  /// The lists by name, to be stored as tensors.
  var lists: [String: [Float]] {
    [
      "epoch-losses": epochLosses, "step-losses": stepLosses, "evaluated-losses": evaluatedLosses,
      "scores": scores, "genuine": genuine,
    ].filter { !$0.value.isEmpty }
  }

  /// The numbers by name, to be stored as text.
  var numbers: [String: String] {
    var numbers = [
      "step": "\(step)", "metrics-bytes": "\(metricsBytes)", "metrics-sha256": metricsDigest,
      "evaluations-since-best": "\(evaluationsSinceBest)",
    ]
    numbers["best"] = best.map { "\($0)" }
    return numbers
  }

  init() {}

  /// Creates a state from stored numbers and lists; `nil` if a number is missing or invalid.
  init?(numbers: [String: String], lists: [String: [Float]]) {
    func number(_ name: String) -> Int? {
      numbers[name].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
    }
    guard let step = number("step"), let bytes = number("metrics-bytes"),
      let since = number("evaluations-since-best")
    else { return nil }
    self.step = step
    metricsBytes = bytes
    metricsDigest = numbers["metrics-sha256"] ?? ""
    evaluationsSinceBest = since
    if let text = numbers["best"] {
      guard let value = Double(text) else { return nil }
      best = value
    }
    epochLosses = lists["epoch-losses"] ?? []
    stepLosses = lists["step-losses"] ?? []
    evaluatedLosses = lists["evaluated-losses"] ?? []
    scores = lists["scores"] ?? []
    genuine = lists["genuine"] ?? []
    guard scores.count == genuine.count else { return nil }
  }
}
