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

  private let folders: [String]

  /// Finds the runs in a folder and in the folders within it.
  ///
  /// - Throws: ``CommandFailure`` if there is no such folder.
  init(in folder: String) throws {
    guard FileManager.default.fileExists(atPath: folder) else {
      throw CommandFailure("There is no folder \(folder) of runs.")
    }
    let paths = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    folders = paths.filter { $0.split(separator: "/").last ?? "" == Self.file }
      .map { ("\(folder)/\($0)" as NSString).deletingLastPathComponent }.sorted()
  }

  /// Returns the runs that were trained on one of these people.
  func trained(on people: [ForgottenPerson]) throws -> [String] {
    let people = Set(people)
    return try folders.filter { folder in
      let text = try String(contentsOfFile: "\(folder)/\(Self.file)", encoding: .utf8)
      return text.split(separator: "\n").contains { line in
        guard let line = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)) else {
          return false
        }
        return people.contains(ForgottenPerson(dataset: line.dataset, identity: line.identity))
      }
    }
  }
}
