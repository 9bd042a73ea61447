import ArgumentParser
import CommandSupport
import Pairs
import Train

/// `train embed`.
struct EmbedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Writes the embeddings of a store's images to a safetensors file.",
    discussion: """
      The file has the tensor embeddings, [N, length], and in its metadata the path of each row and \
      the score; with a trained head or a learned score also its weights. With a learned score the \
      embeddings are projected. train evaluate --embeddings reads it.
      """)

  @Option(help: ArgumentHelp("The run's folder.", valueName: "dir"))
  var run: String

  @OptionGroup var store: ShardsOptions

  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp(
      "Only the images of this protocol; all by default.", valueName: "name"))
  var protocolName: String?

  @Option(help: ArgumentHelp("The file.", valueName: "file.safetensors"))
  var output: String

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var console: OutputOptions

  private struct Summary: Encodable {
    let output: String
    let samples: Int
    let length: Int
    let score: String
  }

  func validate() throws {
    guard output.hasSuffix(".safetensors") else {
      throw ValidationError("The name of the file must end in .safetensors.")
    }
  }

  func run() async throws {
    let folder = RunFolder(path: run)
    let record = try RunRecord.read(folder)
    let catalog = try store.open(console)
    let ids =
      try protocolName.map {
        try TestedSamples.allSamples(of: $0, catalog)
      } ?? SampleTable(catalog).ids
    _ = try threads.start()
    let recipe = try Recipe.read(run: folder, record)
    if folder.lacksScore(of: recipe) { console.note("warning: \(RunFolder.scoreWarning)") }
    let set = try Embedder(run: folder, recipe: recipe, catalog: catalog).embeddings(of: ids)
    try EmbeddingFile.write(
      set, catalog: catalog, to: output,
      facts: [
        "store": catalog.digest(), "recipe": record.recipe, "recipe_sha256": record.recipeDigest,
      ])
    let summary = Summary(
      output: output, samples: set.rows.count, length: set.rows.length, score: set.rule.title)
    console.summary(summary) {
      "\(counted(summary.samples, "embedding", "embeddings")) of \(summary.length) numbers are in "
        + "\(output); score: \(summary.score)"
    }
  }
}
