import CommandSupport
import Configuration
import Datasets
import Foundation

extension DatasetError: ExplainedError {
  /// The message for the user.
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
      "\(path) is empty. Give a directory with one subdirectory of photographs per identity."
    case .noImages(let path, let files, let layout):
      "\(path) has \(counted(files, "file", "files")) but no image"
        + (layout == "any" ? "" : " of the layout \(layout)")
        + ". Give a directory with one subdirectory of photographs per identity, "
        + "or describe its layout in a manifest and name it with --dataset FILE.yaml."
    case .unrecognised(let path, let example):
      "No known layout fits \(path): \(example.printable) is not in a directory of its identity. "
        + "Put the photographs of each identity in a directory, or name a manifest with "
        + "--dataset FILE.yaml."
    case .ambiguousLayout(let path, let layouts):
      "\(path) could be \(layouts.joined(separator: " or ")). Name one with --dataset."
    case .unknownDataset(let name, let known):
      "There is no dataset \(name)\(NearestName.hint(name, among: known)) "
        + "Name your own manifest as FILE.yaml."
    case .noPoses(let path, let layout):
      "\(path) has the layout \(layout), which has no poses. Leave out --pose, or name a "
        + "layout that has {pose} with --dataset."
    case .datasetBesideImages(let path, let folder, let layout):
      "\(path) holds the dataset \(layout) in \(folder) and other images beside it. Give "
        + "\(path)/\(folder) for the dataset alone, or name the layout of all with --dataset."
    case .severalDatasets(let path, let folders):
      "\(path) holds several datasets: "
        + folders.map { "\($0.name) (\($0.layout))" }.joined(separator: ", ")
        + ". Give the ones that are wanted, as in: prep ingest \(path)/\(folders.first?.name ?? "")"
    case .badListing(let path):
      "The listing \(path) is missing or incomplete. Make it again with prep submit, or check that this "
        + "machine sees its folder."
    case .otherManifest(let listing, let dataset):
      "The listing \(listing) was made with another manifest \(dataset) than this machine has. Install the "
        + "same version of prep on all machines."
    case .notVisible(let file):
      "\(file) is in the listing and not on this machine. Mount the folder of the photographs here, or, if "
        + "they changed, remove the folder of the parts and submit again."
    }
  }
}
