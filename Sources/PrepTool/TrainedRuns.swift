import CSV
import CommandSupport
import Foundation
import Maintenance

/// The runs of `train` in a folder, and whom they were trained on.
struct TrainedRuns {
  /// The file of a run that names its people, one JSON line for each (Documentation/Training.md).
  private static let file = "trained-on.jsonl"

  private struct Line: Decodable {
    let dataset: String
    let identity: String
  }

  /// The runs and reports that concern some people.
  struct Concerned {
    /// The folders of runs that were trained on them.
    var trained: [String] = []
    /// The folders of reports with their scores.
    var tested: [String] = []
  }

  private let folder: String
  private let files: [String]

  /// Finds the runs in a folder and in the folders within it.
  ///
  /// - Throws: ``CommandFailure`` if there is no such folder.
  init(in folder: String) throws {
    guard FileManager.default.fileExists(atPath: folder) else {
      throw CommandFailure("There is no folder \(folder) of runs.")
    }
    self.folder = folder
    files = (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? [])
      .sorted()
  }

  /// Returns the runs and reports that concern these people.
  func concerned(with people: [ForgottenPerson]) throws -> Concerned {
    let wanted = Set(people)
    let fields = people.map { "\($0.dataset)/\($0.identity)" }
    var found = Concerned()
    for file in files {
      let path = "\(folder)/\(file)"
      let parent = (path as NSString).deletingLastPathComponent
      switch (path as NSString).lastPathComponent {
      case Self.file:
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let isConcerned = text.split(separator: "\n").contains { line in
          guard let line = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)) else {
            return false
          }
          return wanted.contains(ForgottenPerson(dataset: line.dataset, identity: line.identity))
        }
        if isConcerned { found.trained.append(parent) }
      case "scores.csv":
        let records = (try? CSVTable.records(String(contentsOfFile: path, encoding: .utf8))) ?? []
        if records.contains(where: { !Set($0.fields).isDisjoint(with: fields) }) {
          found.tested.append(parent)
        }
      default: break
      }
    }
    return found
  }
}
