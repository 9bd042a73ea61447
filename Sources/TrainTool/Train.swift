import ArgumentParser
import CommandSupport

/// The root of `train`: configuration only.
struct TrainRoot: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains twin networks on a store of faces and says how good they are.",
    discussion: """
      `train --shards out/` trains with the default recipe of the store's dataset; `train \
      evaluate` then tests on people it has never seen. `train help run` lists the options of a \
      training.
      """,
    version: ToolRunner.version,
    subcommands: [
      RunCommand.self, CrossvalCommand.self, RecipesCommand.self, DescribeCommand.self,
      EvaluateCommand.self, OneShotCommand.self, OneVsAllCommand.self, AllVsAllCommand.self,
      MetricsCommand.self, EmbedCommand.self, ExportCommand.self,
      PredictCommand.self, EnrollCommand.self, IdentifyCommand.self, CompareCommand.self,
    ],
    defaultSubcommand: RunCommand.self)
}

@main
enum TrainMain {
  static func main() async {
    ThreadWaiting.choose()
    await ToolRunner.run(TrainRoot.self)
  }
}
