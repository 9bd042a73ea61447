import ArgumentParser

/// The options that choose the protocol of a test.
struct TestedProtocolOptions: ParsableArguments, Sendable {
  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp("The protocol; the run's own by default.", valueName: "name"))
  var name: String?

  @Flag(help: "Test also on people or images that were trained on; the report says so.")
  var allowContaminated = false
}
