import Foundation

/// What is recorded of a run, for a comparison of runs.
public struct RunOverview: Sendable {
  /// The figures of one evaluation by `train evaluate`.
  public struct Test: Sendable, Decodable {
    /// The protocol: the name of the report's folder.
    public internal(set) var name = ""
    /// The accuracy of verification; `nil` for trials.
    public let accuracy: Double?
    /// The equal error rate; `nil` for trials.
    public let eer: Double?
    /// The area under the ROC; `nil` for trials.
    public let auc: Double?
    /// The fraction of one-shot trials won; `nil` for verification.
    public let rank1: Double?
    /// The mean loss of the tested pairs; `nil` for a loss without pairs, and with a learned
    /// score.
    public let loss: Double?
    /// Whether the tested people were trained on, in other images.
    public let closedSet: Bool
    /// Whether tested people or images were trained on; `nil` if that is not known.
    public let contaminated: Bool?
    /// SHA-256 of the weights that were tested or, with a learned score, of both.
    public let weights: String?

    private enum CodingKeys: String, CodingKey {
      case accuracy, eer, auc, rank1, loss, contaminated, weights
      case closedSet = "closed_set"
    }
  }

  /// The run's folder.
  public let folder: RunFolder
  /// The record of the run.
  public let record: RunRecord
  /// The recipe with all settings.
  public let recipe: Recipe
  /// The evaluations during the training, in order.
  public let evaluations: [ValidationReport]
  /// Number of steps that were timed, and their seconds without evaluations; `nil` if none was.
  public let timing: (steps: Int, seconds: Double)?
  /// The evaluations of the finished network, by protocol.
  public let tests: [Test]

  /// The evaluation with the weights that are used; the last one without a validation side.
  public var best: ValidationReport? { evaluations.last { $0.isBest == true } ?? evaluations.last }

  /// Reads a run.
  ///
  /// - Throws: ``TrainError`` if there is no run, or a file of it cannot be read.
  public init(_ folder: RunFolder) throws {
    self.folder = folder
    record = try RunRecord.read(folder)
    recipe = try Recipe.read(run: folder, record)
    evaluations = try MetricsFile.evaluations(of: folder)
    timing = Self.timing((try? String(contentsOfFile: folder.timing, encoding: .utf8)) ?? "")
    tests = Self.tests(folder)
  }

  private struct TimingLine: Decodable {
    let step: Int?
    let seconds: Double
    let evaluatedStep: Int?
    /// The step at which the call began; `nil` in lines of earlier versions.
    let firstStep: Int?

    private enum CodingKeys: String, CodingKey {
      case step, seconds
      case evaluatedStep = "evaluated_step"
      case firstStep = "first_step"
    }
  }

  /// The steps and seconds of all calls.
  ///
  /// The seconds of a line count from the start of its call and include evaluations, which have lines
  /// of their own. Lines of earlier versions do not say where their call began: where the seconds fall,
  /// another one did, and its steps before its first line are not counted.
  static func timing(_ text: String) -> (steps: Int, seconds: Double)? {
    var before = TimingLine(step: 0, seconds: 0, evaluatedStep: nil, firstStep: 0)
    var (steps, seconds, evaluating) = (0, 0.0, 0.0)
    for line in text.split(separator: "\n") {
      guard let entry = try? JSONDecoder().decode(TimingLine.self, from: Data(line.utf8)) else {
        continue
      }
      if let first = entry.firstStep, first != before.firstStep {
        before = TimingLine(step: first, seconds: 0, evaluatedStep: nil, firstStep: first)
        evaluating = 0
      }
      guard let step = entry.step else {
        evaluating += entry.seconds
        continue
      }
      if let earlier = before.step, entry.seconds >= before.seconds, step > earlier {
        steps += step - earlier
        seconds += entry.seconds - before.seconds - evaluating
      }
      before = entry
      evaluating = 0
    }
    return steps > 0 ? (steps, max(seconds, 0)) : nil
  }

  private static func tests(_ folder: RunFolder) -> [Test] {
    let reports = "\(folder.path)/reports"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: reports)) ?? []
    return names.sorted().compactMap { name in
      guard let data = FileManager.default.contents(atPath: "\(reports)/\(name)/evaluation.json"),
        var test = try? JSONDecoder().decode(Test.self, from: data)
      else { return nil }
      test.name = name
      return test
    }
  }
}
