import Foundation
import Pairs
import Shards

/// The file with the identity of each class, for a loss over all identities; one line per class.
struct ClassesFile {
  private struct Line: Encodable {
    let `class`: Int
    let dataset: String
    let identity: String
  }

  let folder: RunFolder
  let identities: [SampleTable.Identity]

  private var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return identities.enumerated().map { index, identity in
      let line = Line(class: index, dataset: identity.dataset, identity: identity.name)
      return ((try? encoder.encode(line)).map { String(decoding: $0, as: UTF8.self) } ?? "") + "\n"
    }.joined()
  }

  func write() throws {
    try DurableFile.write(text, to: folder.classes)
  }

  /// Throws if the classes of the run are other identities, because their weights belong to other
  /// people.
  func check() throws {
    guard (try? String(contentsOfFile: folder.classes, encoding: .utf8)) == text else {
      throw TrainError.badRun(
        folder: folder.path,
        reason: "its classes are other identities than the training side has now")
    }
  }
}
