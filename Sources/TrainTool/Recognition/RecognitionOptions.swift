import ArgumentParser
import CommandSupport
import Train

/// The options that choose the network of a recognition.
struct RecognitionOptions: ParsableArguments, Sendable {
  @Option(help: ArgumentHelp("The run's folder.", valueName: "dir"))
  var run: String

  @Option(
    help: ArgumentHelp(
      "The landmarks file, if the images of the run were made with one.", valueName: "file"))
  var landmarks: String?

  @OptionGroup var threads: ThreadOptions

  /// The parts that a recognition needs.
  struct Parts {
    let folder: RunFolder
    let record: RunRecord
    let recipe: Recipe
    let reader: PhotoReader
    let embedder: PixelEmbedder
  }

  /// Opens the run and starts the libraries.
  ///
  /// - Parameter output: where a warning about a missing score goes.
  /// - Returns: the parts.
  /// - Throws: ``TrainError``.
  func open(_ output: OutputOptions) throws -> Parts {
    let folder = RunFolder(path: run)
    let record = try RunRecord.read(folder)
    let recipe = try Recipe.read(run: folder, record)
    if folder.lacksScore(of: recipe) { output.note("warning: \(RunFolder.scoreWarning)") }
    if recipe.score?.jointBayesian.knownPeople != nil {
      output.note("warning: \(RunFolder.knownPeopleWarning)")
    }
    let reader = try PhotoReader(record, landmarks: landmarks)
    _ = try threads.start()
    return Parts(
      folder: folder, record: record, recipe: recipe, reader: reader,
      embedder: try PixelEmbedder(run: folder, recipe: recipe))
  }
}
