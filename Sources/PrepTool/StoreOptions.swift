import ArgumentParser
import Catalog

/// The location of the store.
struct StoreOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of the store.", valueName: "dir"))
  var out = "out"

  var folder: StoreFolder { StoreFolder(path: out) }
}
