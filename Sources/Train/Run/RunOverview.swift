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
    /// The mean loss of the tested pairs; `nil` for a loss without pairs.
    public let loss: Double?

    private enum CodingKeys: String, CodingKey {
      case accuracy, eer, auc, rank1, loss
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
  /// Number of steps that were timed, and their seconds; `nil` if none was.
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
    timing = Self.timing(folder)
    tests = Self.tests(folder)
  }

  private struct TimingLine: Decodable {
    let step: Int?
    let seconds: Double
  }

  private static func timing(_ folder: RunFolder) -> (steps: Int, seconds: Double)? {
    let text = (try? String(contentsOfFile: folder.timing, encoding: .utf8)) ?? ""
    // A run that is resumed repeats the steps after its checkpoint; the later time counts.
    var seconds: [Int: Double] = [:]
    for line in text.split(separator: "\n") {
      guard let entry = try? JSONDecoder().decode(TimingLine.self, from: Data(line.utf8)),
        let step = entry.step
      else { continue }
      seconds[step] = entry.seconds
    }
    guard let last = seconds.keys.max() else { return nil }
    return (last, seconds.values.reduce(0, +))
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
