import ArgumentParser
struct PairsCommand: AsyncParsableCommand { static let configuration = CommandConfiguration(commandName: "pairs") }
struct StatsCommand: AsyncParsableCommand { static let configuration = CommandConfiguration(commandName: "stats") }
