import CommandSupport
import Datasets
import Ingest

extension OutputOptions {
  /// Notes what was found in a directory of photographs.
  func describe(_ scan: SourceScan) {
    if let outer = scan.enteredFrom {
      note("\(outer): the dataset is in its only subdirectory, \(scan.root)")
    }
    let how = scan.isRecognised ? "recognised as" : "taken as"
    note(
      "\(scan.root): \(how) \(scan.manifest.name) (\(scan.manifest.title)), "
        + counted(scan.images, "image", "images"))
    if scan.isFurtherFolder {
      note(
        "\(scan.root): a further directory of the dataset \(scan.manifest.name); people of the same name "
          + "are the same person")
    }
    if let closest = scan.closest {
      note(
        "\(scan.root): \(closest.fitting) images follow the layout \(closest.layout) and "
          + "\(closest.misfits) do not (\(closest.misfit)); name --dataset \(closest.layout) to "
          + "leave those out")
    }
    if let identity = scan.nestedIdentity {
      note(
        "\(scan.root): the images of every identity are in subdirectories, as in \(identity); if "
          + "those are the identities, give the directory that contains them")
    }
    list(scan.ignored, in: scan, ("other file ignored", "other files ignored"))
    list(scan.emptyFolders, in: scan, ("directory is empty", "directories are empty"))
    if scan.otherPoses > 0 {
      note(
        "\(scan.root): \(counted(scan.otherPoses, "image", "images")) of other poses left out")
    }
    for problem in scan.changedLists() { note("note: \(problem)") }
  }

  private func list(
    _ examples: CountedExamples, in scan: SourceScan, _ words: (one: String, many: String)
  ) {
    guard examples.count > 0 else { return }
    let names = examples.names.joined(separator: ", ")
    let more = examples.count > examples.names.count ? ", ..." : ""
    note(
      "\(scan.root): \(counted(examples.count, words.one, words.many)) (\(names)\(more))")
  }
}
