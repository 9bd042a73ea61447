import ArgumentParser
import Catalog
import CommandSupport
import Report

/// `prep export`.
struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes the samples for other tools.",
    discussion: """
      webdataset: tar archives of up to 1,024 samples, each with KEY.png and KEY.json. folder: one PNG \
      for each sample, DATASET/PATH.png, with _parent in place of .. in the path of a further folder. \
      samples.jsonl, written last, has a line for each sample. Files that it names from an earlier \
      export and that are not written again are removed.
      """)

  @Argument(help: ArgumentHelp("The folder to write into.", valueName: "dir"))
  var folder: String

  @OptionGroup var store: StoreOptions

  @Option(help: ArgumentHelp("The form.", valueName: "webdataset|folder"))
  var format = StoreExport.Form.webdataset

  @OptionGroup var output: OutputOptions

  private struct Summary: Encodable {
    let folder: String
    let format: String
    let samples: Int
    let files: Int
    /// Files of an earlier export that are not a part of this one.
    let removed: Int
  }

  func run() async throws {
    let catalog = try Catalog.open(store.folder)
    let total = try catalog.counts().samples
    let bar = ProgressBar("export", unit: "images", isEnabled: !output.quiet)
    var done = 0
    let written = try StoreExport(catalog, to: folder).write(format) {
      done += 1
      bar.update(done, of: total)
    }
    bar.finish()
    let summary = Summary(
      folder: folder, format: format.rawValue, samples: written.samples, files: written.files,
      removed: written.removed)
    output.summary(summary) {
      "\(counted(summary.samples, "sample", "samples")) in "
        + "\(counted(summary.files, "file", "files")) are in \(folder)"
        + (summary.removed > 0
          ? "; removed \(counted(summary.removed, "file", "files")) of an earlier export" : "")
    }
  }
}

extension StoreExport.Form: ExpressibleByArgument {}
