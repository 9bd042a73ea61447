import ArgumentParser
import Catalog
import CommandSupport
import Neural
import Train

extension Distance: ExpressibleByArgument {}

/// The options that choose what is tested: a run or embeddings.
struct TestedOptions: ParsableArguments, Sendable {
  @Option(help: ArgumentHelp("The run's folder.", valueName: "dir"))
  var run: String?

  @Option(
    help: ArgumentHelp(
      "Embeddings of any network: .safetensors, .npy or .csv, by path or by sample id.",
      valueName: "file"))
  var embeddings: String?

  @Option(
    help: ArgumentHelp("A file with the path of each embedding of a .npy file.", valueName: "file"))
  var paths: String?

  @Option(
    help: ArgumentHelp(
      "The distance of embeddings; by default the file's own, or cosine.",
      valueName: "euclidean|squared-euclidean|l1|cosine"))
  var distance: Distance?

  func validate() throws {
    guard run == nil || embeddings == nil else {
      throw ValidationError("Give one of --run and --embeddings, not both.")
    }
    guard run != nil || embeddings != nil else {
      throw ValidationError("Name what is tested: --run DIR or --embeddings FILE.")
    }
    guard run == nil || (paths == nil && distance == nil) else {
      throw ValidationError("--paths and --distance go with --embeddings.")
    }
  }

  /// A short name for titles.
  var title: String { run ?? embeddings ?? "" }
}
