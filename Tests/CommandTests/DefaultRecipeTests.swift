import Foundation
import SyntheticFaces
import TestSupport
import Testing

/// `train --shards` without a recipe, on every kind of store.
@Suite("A training without a recipe", .serialized)
struct DefaultRecipeTests {
  private let scratch: TemporaryFolder

  init() throws { scratch = try TemporaryFolder() }

  /// Ingests, splits by identity, and trains two steps; returns the name of the recipe.
  private func train(_ root: String, _ arguments: String..., pairs: [String] = []) throws -> String
  {
    let (store, run) = (scratch.file("out"), scratch.file("run"))
    let ingested = try Tool.prep.run(
      all: ["ingest", root, "--out", store, "--quiet"] + arguments)
    #expect(ingested.code == 0, "\(ingested.error)")
    let made = try Tool.prep.run(
      all: ["pairs", "--out", store, "--split", "identity", "--quiet"]
        + pairs)
    #expect(made.code == 0, "\(made.error)")
    let trained = try Tool.train.run(
      "--shards", store, "--run", run, "--steps", "2", "--set", "batch=4", "--json")
    #expect(trained.code == 0, "\(trained.error)")
    #expect(trained.summary["steps"] as? Int == 2)
    return trained.summary["recipe"] as? String ?? ""
  }

  @Test("takes orl-keras for ORL", .enabled(if: Surroundings.hasRealData))
  func orl() throws { #expect(try train(Surroundings.orl) == "orl-keras") }

  @Test("takes cfpw2019 for CFPW", .enabled(if: Surroundings.hasRealData))
  func cfpw() throws {
    #expect(
      try train(
        Surroundings.cfp, "--pose", "frontal", "--limit", "1000", pairs: ["--validation", "0.2"])
        == "cfpw2019")
  }

  @Test("takes residual-small for LFW", .enabled(if: Surroundings.hasRealData))
  func lfw() throws {
    #expect(try train(Surroundings.lfw, "--limit", "600") == "residual-small")
  }

  @Test("takes what fits the number of people for a folder of one's own", arguments: [6, 48])
  func folder(people: Int) throws {
    // Names and layout of no known dataset.
    let faces = FaceSet(seed: 6)
    for person in 1...people {
      for picture in 1...3 {
        try scratch.write(
          faces.pgm(person: person, picture: picture),
          to: "own/person \(person)/photo-\(picture).pgm")
      }
    }
    let expected = people < 30 ? "residual-small-pairs" : "residual-small"
    #expect(try train(scratch.file("own"), pairs: ["--train", "0.7", "--exact"]) == expected)
  }
}
