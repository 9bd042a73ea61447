import ArgumentParser
import CommandSupport

/// The root of `prep`: configuration only.
struct Prep: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prep",
    abstract: "Turns photographs of faces into a dataset.",
    discussion: """
      `prep ingest` makes a store from a directory of photographs, `prep pairs` makes the pairs to \
      train and test on, and `prep stats` shows what a store contains. `train` trains on a store.
      """,
    version: ToolRunner.version,
    subcommands: [
      IngestCommand.self, SubmitCommand.self, StatusCommand.self, MergeCommand.self,
      PushCommand.self, PullCommand.self,
      PairsCommand.self, StatsCommand.self,
      VerifyCommand.self, ListCommand.self, ExportCommand.self, CardCommand.self,
      DatasetsCommand.self, ForgetCommand.self, CorrectCommand.self,
    ])
}

@main
enum PrepMain {
  static func main() async {
    await ToolRunner.run(Prep.self)
  }
}
