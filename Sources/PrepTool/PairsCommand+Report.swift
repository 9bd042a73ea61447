import Catalog
import CommandSupport
import Pairs

extension PairsCommand {
  /// Prints the summary of each protocol, and writes the pairs of the last one on request.
  func report(_ requested: RequestedProtocols, _ exported: PairExport?) throws {
    for (place, made) in requested.made.enumerated() {
      let report = PairsReport(made, of: requested)
      if output.json {
        for finding in made.audit.findings { output.line("finding", finding) }
        for missing in made.record.missing.sorted(by: { $0.key < $1.key }).flatMap(\.value) {
          output.line("missing", missing)
        }
      }
      if place == requested.made.count - 1 {
        try exported?.write()
        output.summary(report) { report.text }
      } else if output.json {
        output.line("protocol", report)
      } else {
        Console.print(report.text)
      }
    }
    for note in requested.notes { output.note(note.text) }
  }
}

extension RequestedProtocols.Phase {
  /// The description of the current phase.
  var text: String {
    switch self {
    case .readingSamples: "reading the samples of the store"
    case .makingPairs: "making pairs"
    case .auditing(let name): "looking for leaks in \(name)"
    }
  }
}

extension RequestedProtocols.Note {
  /// The message for the user.
  var text: String {
    switch self {
    case .incompleteAudit(let reason): "leaks may be missed: \(reason)"
    case .viewsNotCompared(let error):
      "what View 1 and View 2 have in common was not counted: \(error.explanation)"
    case .equivalentList(let path): "\(path): equivalent to the official list, not identical"
    case .absentPeople(let lists, let folder):
      "\(lists.joined(separator: ", ")) \(lists.count == 1 ? "does" : "do") not lie in \(folder), so a "
        + "side holds the images of its pairs only"
    case .unassigned(let images):
      images == 1
        ? "1 image is on no side: its person shares an image with people named for testing"
        : "\(images) images are on no side: their people share images with people named for testing"
    case .leakingSplit:
      "a split over pairs leaks: the same people and images train and test, so its figures say "
        + "nothing about other people or images"
    case .closedSet:
      "a closed set: the same people train and test, so its figures say nothing about other people"
    }
  }
}
