import ArgumentParser
struct StatsCommand: AsyncParsableCommand { static let configuration = CommandConfiguration(commandName: "stats") }
