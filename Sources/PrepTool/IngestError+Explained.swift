import Catalog
import CommandSupport
import Configuration
import Foundation
import Ingest

extension IngestError: ExplainedError {
  /// 130 after an interruption, else 1.
  public var exitCode: Int32 {
    if case .interrupted = self { 130 } else { 1 }
  }

  /// What the user reads.
  public var explanation: String {
    switch self {
    case .missingRoot(let path):
      "\(path) does not exist. Check the path; it should be a directory with one subdirectory per identity."
    case .notAFolder(let path):
      "\(path) is a file, not a folder. Give the folder that holds the photographs."
    case .unlistable(let path, let code):
      "The folder \(path) cannot be listed: \(String(cString: strerror(code))). "
        + "Check its permissions."
    case .emptyFolder(let path):
      "\(path) is empty. Give a folder that holds one folder of photographs for each identity."
    case .noImages(let path, let files, let layout):
      "\(path) has \(counted(files, "file", "files")) but no image"
        + (layout == "any" ? "" : " of the layout \(layout)")
        + ". Give a folder that holds one folder of photographs for each identity, "
        + "or describe its layout in a manifest and name it with --dataset FILE.yaml."
    case .unrecognised(let path, let example):
      "No known layout fits \(path): \(example.printable) lies in no folder of its identity. "
        + "Put each identity's photographs in a folder, or name a manifest with "
        + "--dataset FILE.yaml."
    case .ambiguousLayout(let path, let layouts):
      "\(path) could be \(layouts.joined(separator: " or ")). Name one with --dataset."
    case .unknownDataset(let name, let known):
      "There is no dataset \(name)\(NearestName.hint(name, among: known)) "
        + "A manifest of your own is named as FILE.yaml."
    case .badManifest(let path, let reason):
      "The manifest \(path) cannot be used: \(reason.sentence)"
    case .noPoses(let path, let layout):
      "\(path) has the layout \(layout), which does not tell poses. Leave --pose out, or name a "
        + "layout that has {pose} with --dataset."
    case .mixedSamples(let first, let second):
      "These datasets make different samples by default (\(first); \(second)), and a store holds "
        + "one kind. Say which with --size, --color and --resample, or ingest them into two stores."
    case .badLandmarks(let path, let reason):
      "The landmarks file \(path) cannot be used: \(reason). Name a shape predictor of dlib with "
        + "5 or 68 points."
    case .nestedRoots(let dataset, let stored, let asked):
      "The store has the dataset \(dataset) from \(stored), and \(asked) lies inside it or around "
        + "it, so that a file would have two paths. Give the outer folder alone, or another --out."
    case .storeIsRoot(let path):
      "\(path) is the folder of the photographs, and the store would be written among them. Name another "
        + "folder with --out."
    case .vanishedRoot(let dataset, let stored, let asked):
      "The store has the dataset \(dataset) from \(stored), which is not there any more. If \(asked) is "
        + "that folder in another place, add --moved-from \(stored); otherwise ingest into another "
        + "folder with --out."
    case .copiedRoot(let dataset, let stored, let asked):
      "\(asked) holds the very files that the store has of \(dataset) from \(stored). Give \(stored); "
        + "or, if the copy replaces it, add --moved-from \(stored)."
    case .movedDiffers(let dataset, let asked, let example):
      "\(asked) is not the moved folder of \(dataset): \(example) is another file there, or missing. "
        + "Check the path, or ingest into another folder with --out."
    case .movedWithFurtherFolders(let dataset):
      "The store has \(dataset) from several folders, and the paths of the others begin at the one "
        + "that was moved. Move it back, or ingest them all into another folder with --out."
    case .severalDatasets(let path, let folders):
      "\(path) holds several datasets: "
        + folders.map { "\($0.name) (\($0.layout))" }.joined(separator: ", ")
        + ". Give the ones that are wanted, as in: prep ingest \(path)/\(folders.first?.name ?? "")"
    case .nothingMoved(let from, let stored):
      "No dataset of the store lay in \(from). "
        + (stored.isEmpty ? "It has none." : "Its folders are: \(stored.joined(separator: ", ")).")
    case .datasetBesideImages(let path, let folder, let layout):
      "\(path) holds the dataset \(layout) in \(folder) and other images beside it. Give "
        + "\(path)/\(folder) for the dataset alone, or name the layout of all with --dataset."
    case .allRejected(let rejection, let count):
      "All of the \(count == Catalog.shardCapacity ? "first " : "")\(count) files were rejected, as \(rejection.path): "
        + rejection.reason.rawValue
        + (rejection.detail.isEmpty ? "" : " (\(rejection.detail))")
        + ". \(Self.remedy(rejection.reason)) No store was made."
    case .otherTask(let folder, let stored, let asked):
      "\(folder) holds \(stored), and this run makes \(asked). Give each share a folder of its own "
        + "with --out, and join them with prep merge."
    case .badPart(let folder, let reason):
      "\(folder) cannot be merged: \(reason)."
    case .missingParts(let missing, let count):
      "Of \(count) shares these are missing: \(missing.map(String.init).joined(separator: ", ")). "
        + "Make them with prep ingest --task i/\(count) and name all parts."
    case .lostCatalog(let folder):
      "\(folder) has shards but no catalog.sqlite. Put the catalog back, or ingest into another "
        + "folder with --out."
    case .decoderUnavailable:
      "libvips does not start. Install it again with scripts/bootstrap."
    case .rejected(let rejection):
      "\(rejection.path.printable) cannot become a sample: \(rejection.reason.rawValue)"
        + (rejection.detail.isEmpty ? "" : " (\(rejection.detail))")
        + ". Mend or remove it, or leave --strict out to go on without it."
    case .interrupted:
      "Interrupted. What was stored is safe; run the command again to go on."
    case .catalog(let error): error.explanation
    case .shard(let error): error.explanation
    }
  }

  /// The setting that causes a rejection.
  private static func remedy(_ reason: RejectionReason) -> String {
    switch reason {
    case .tooLarge: "Raise --max-pixels or --max-bytes."
    case .tooSmall, .unsupported: "Give another --size, or --resample lanczos."
    case .noFace: "Leave --on-missing-face reject out, or see whether the pictures show faces."
    case .dlibFailed: "Leave --crop dlib or --landmarks out."
    case .noIdentity: "Correct the pattern of the manifest."
    default: "Check the settings."
    }
  }
}
