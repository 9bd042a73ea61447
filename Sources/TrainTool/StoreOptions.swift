import ArgumentParser
import Catalog
import CommandSupport
import Foundation
import ObjectStorage
import RemoteStore
import Train

/// The options for stores that are read from a server.
struct RemoteOptions: ParsableArguments, Sendable {
  @OptionGroup var server: ServerOptions

  @Option(
    help: ArgumentHelp(
      "The cache folder; by default ~/.cache/twinset/stores.", valueName: "dir"))
  var cache: String?

  @Option(
    help: ArgumentHelp(
      "Maximum size of the cached shards of one store, as 20GB.", valueName: "size"))
  var cacheLimit = ByteCount(20_000_000_000)

  /// Opens the store in a folder or at an address.
  ///
  /// - Parameters:
  ///   - place: the folder or the address.
  ///   - output: is told of failures after which a request is tried again.
  /// - Returns: the catalog.
  /// - Throws: `CatalogError`, `StorageError` or `RemoteStoreError`.
  func open(_ place: String, _ output: OutputOptions) throws -> Catalog {
    guard StorageAddress.isAddress(place) else {
      return try Catalog.open(StoreFolder(path: place))
    }
    guard let folder = cache ?? UserFolders.cache.map({ "\($0)/stores" }) else {
      throw ValidationError("There is no HOME: name a folder for the shards with --cache.")
    }
    return try StoreCache.open(
      try server.client(place, output), cache: folder, limit: cacheLimit.bytes)
  }
}

/// The option for a store.
struct ShardsOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp("The folder of the store, or its address s3://....", valueName: "dir"))
  var shards = "out"

  @OptionGroup var remote: RemoteOptions

  func open(_ output: OutputOptions) throws -> Catalog { try remote.open(shards, output) }
}

/// The options for several stores.
struct StoresOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      "The folder of the store, or its address s3://bucket/prefix; several are read as one if it "
        + "is repeated.", valueName: "dir"))
  var shards: [String] = ["out"]

  @OptionGroup var remote: RemoteOptions

  @Flag(
    name: .customLong("no-verify"),
    help: "Do not check the SHA-256 of each shard in a folder on first use.")
  var noVerify = false

  /// The stores as they stand on a command line, for hints.
  var words: [String] {
    shards.map { StorageAddress.isAddress($0) ? $0 + remote.server.words : $0 }
  }

  func open(_ output: OutputOptions) throws -> StoreSet {
    let places = try shards.map {
      StorageAddress.isAddress($0)
        ? try StorageAddress($0).identifier
        : URL(fileURLWithPath: $0).resolvingSymlinksInPath().path
    }
    guard Set(places).count == places.count else {
      throw ValidationError("A store is given twice with --shards.")
    }
    return StoreSet(try shards.map { try remote.open($0, output) })
  }
}

/// The user's folders.
enum UserFolders {
  /// The folder of what can be made again; `nil` if there is none.
  static var cache: String? {
    let environment = ProcessInfo.processInfo.environment
    let folder =
      environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
      ?? environment["HOME"].map { "\($0)/.cache" }
    return folder.map { "\($0)/twinset" }
  }
}
