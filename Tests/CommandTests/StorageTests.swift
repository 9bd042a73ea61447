import Catalog
import Foundation
import TestSupport
import Testing

/// `prep push`, `prep pull` and `train --shards s3://` with a real S3 server.
///
/// The suites within run one after the other: they share the server and its faults.
@Suite(
  "a store on an S3 server", .serialized, .enabled(if: Surroundings.hasStorageServer))
enum StorageTests {}

/// What the tests of stores on a server have in common.
///
/// A class because the suites inherit it.
class StorageFixture {
  let scratch: TemporaryFolder
  let server: StorageServer
  /// Another prefix in every test, with characters that must be escaped.
  let address = "s3://faces/\(UUID().uuidString)/set 1/ü+%41&=~"

  /// A store of 2,100 pictures with pairs; the tests change copies of it.
  private static let original = Result {
    let folder = try TemporaryFolder()
    try NoiseStore.make(in: folder, pictures: 2_100, each: 10, size: 16)
    return folder
  }

  init() throws {
    scratch = try TemporaryFolder()
    server = try StorageServer.shared.get()
    try server.spoil(nil)
    try? FileManager.default.removeItem(atPath: server.cache)
    try FileManager.default.copyItem(
      atPath: try Self.original.get().file("out"), toPath: store)
  }

  var store: String { scratch.file("out") }

  /// Adds pictures of 16 pixels to the store, ten of each person.
  func ingest(_ numbers: Range<Int>, from folder: String) throws {
    for number in numbers {
      try scratch.write(
        NoisePicture.pgm(number), to: "\(folder)/person\(number / 10)/\(number).pgm")
    }
    let outcome = try Tool.prep.run(
      "ingest", scratch.file(folder), "--out", store, "--size", "16", "--crop", "center", "--quiet")
    #expect(outcome.code == 0, "\(outcome.error)")
  }

  func run(
    _ tool: Tool, _ arguments: String..., environment: [String: String] = [:]
  ) throws -> Tool.Outcome {
    try tool.run(all: arguments, environment: server.environment.merging(environment) { $1 })
  }

  func push(_ arguments: String...) throws {
    let outcome = try Tool.prep.run(
      all: ["push", store, address] + arguments, environment: server.environment)
    #expect(outcome.code == 0, "\(outcome.error)")
  }

  func digest(_ folder: String) throws -> String {
    try Catalog.open(StoreFolder(path: folder)).digest()
  }
}
