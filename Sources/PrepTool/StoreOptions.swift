import ArgumentParser
import Catalog

/// Where the store lies.
struct StoreOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of the store.", valueName: "dir"))
  var out = "out"

  var folder: StoreFolder { StoreFolder(path: out) }
}
