import Catalog
import CommandSupport
import Foundation
import Ingest

extension IngestError: ExplainedError {
  /// The message for the user.
  public var explanation: String {
    switch self {
    case .mixedSamples(let first, let second):
      "These datasets make different samples by default (\(first); \(second)), and a store holds "
        + "one kind. Say which with --size, --color and --resample, or ingest them into two stores."
    case .nestedRoots(let dataset, let stored, let asked):
      "The store has the dataset \(dataset) from \(stored), and \(asked) is inside or around "
        + "it, so that a file would have two paths. Give the outer folder alone, or another --out."
    case .storeIsRoot(let path):
      "\(path) is the folder of the photographs, and the store would be written among them. Name another "
        + "folder with --out."
    case .vanishedRoot(let dataset, let stored, let asked):
      "The store has the dataset \(dataset) from \(stored), which no longer exists. If \(asked) is "
        + "that folder in another place, add --moved-from \(stored); otherwise ingest into another "
        + "folder with --out."
    case .copiedRoot(let dataset, let stored, let asked):
      "\(asked) contains the same files that the store has of \(dataset) from \(stored). Give \(stored); "
        + "or, if the copy replaces it, add --moved-from \(stored)."
    case .movedDiffers(let dataset, let asked, let example):
      "\(asked) is not the moved folder of \(dataset): \(example) is another file there, or missing. "
        + "Check the path, or ingest into another folder with --out."
    case .movedWithFurtherFolders(let dataset):
      "The store has \(dataset) from several folders, and the paths of the others begin at the one "
        + "that was moved. Move it back, or ingest them all into another folder with --out."
    case .nothingMoved(let from, let stored):
      "No dataset of the store was in \(from). "
        + (stored.isEmpty ? "It has none." : "Its folders are: \(stored.joined(separator: ", ")).")
    case .allRejected(let rejection, let count):
      Self.allRejected(rejection, count: count, isPart: count == Catalog.shardCapacity)
    case .otherTask(let folder, let stored, let asked):
      "\(folder) holds \(stored), and this run makes \(asked). Give each task its own folder "
        + "with --out, and join them with prep merge."
    case .rejected(let rejection):
      "\(rejection.path.printable) cannot become a sample: \(rejection.reason.rawValue)"
        + (rejection.detail.isEmpty ? "" : " (\(rejection.detail))")
        + ". Repair or remove it, or leave out --strict to continue without it."
    }
  }

  /// Returns the message about files that were all rejected for one reason.
  ///
  /// - Parameters:
  ///   - rejection: an example.
  ///   - count: the number of the files.
  ///   - isPart: whether they are the first ones only.
  /// - Returns: the message.
  static func allRejected(_ rejection: Rejection, count: Int, isPart: Bool) -> String {
    "All of the \(isPart ? "first " : "")\(count) files were rejected, as \(rejection.path): "
      + rejection.reason.rawValue + (rejection.detail.isEmpty ? "" : " (\(rejection.detail))")
      + ". \(remedy(rejection.reason)) No store was made."
  }

  /// Returns advice about the setting that causes a rejection.
  private static func remedy(_ reason: RejectionReason) -> String {
    switch reason {
    case .tooLarge: "Raise --max-pixels or --max-bytes."
    case .tooSmall, .unsupported: "Give another --size, or --resample lanczos."
    case .noFace: "Leave --on-missing-face reject out, or check that the images show faces."
    case .dlibFailed: "Leave --crop dlib or --landmarks out."
    case .noIdentity: "Correct the pattern of the manifest."
    default: "Check the settings."
    }
  }
}
