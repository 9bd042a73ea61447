import ArgumentParser
import CommandSupport

/// The root of `prep`: configuration only.
struct Prep: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prep",
    abstract: "Turns photographs of faces into a dataset.",
    discussion: """
      First `prep ingest` makes a store of a folder of photographs, then `prep pairs` lays down \
      who is compared with whom, and `prep stats` shows what there is. `train` takes it from there.
      """,
    version: ToolRunner.version,
    subcommands: [
      IngestCommand.self, MergeCommand.self, PairsCommand.self, StatsCommand.self,
      VerifyCommand.self, ListCommand.self,
    ])
}

@main
enum PrepMain {
  static func main() async {
    await ToolRunner.run(Prep.self)
  }
}
