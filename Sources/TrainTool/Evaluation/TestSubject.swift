import Catalog
import CommandSupport
import Evaluate
import Foundation
import Neural
import Train

/// What is tested: a run or a file of embeddings, on a protocol.
struct TestSubject {
  let catalog: Catalog
  /// The protocol.
  let protocolName: String
  /// The run with its record; `nil` for embeddings.
  let run: (folder: RunFolder, record: RunRecord)?
  private let options: TestedOptions

  /// Opens what is tested.
  ///
  /// - Parameters:
  ///   - options: the run or the file of embeddings.
  ///   - catalog: the store.
  ///   - protocolName: the protocol; by default the run's own, or the only one of the store.
  ///   - needsProtocol: whether a protocol says what is tested.
  /// - Throws: ``TrainError`` or `CatalogError`.
  init(
    _ options: TestedOptions, catalog: Catalog, protocolName: String?, needsProtocol: Bool = true
  ) throws {
    self.options = options
    self.catalog = catalog
    if let path = options.run {
      let folder = RunFolder(path: path)
      let record = try RunRecord.read(folder)
      run = (folder, record)
      self.protocolName =
        needsProtocol
        ? try catalog.protocolSummary(protocolName ?? record.protocol).name : "every-sample"
    } else {
      run = nil
      self.protocolName =
        needsProtocol ? try ProtocolFinder.find(protocolName, in: catalog).name : "every-sample"
    }
  }

  /// Scores the pairs of the protocol; the libraries must be started.
  func test(allowsContaminated: Bool) throws -> ProtocolTest {
    if let run {
      return try ProtocolTest(
        run: run.folder, recipe: Recipe.read(run: run.folder, run.record), catalog: catalog,
        protocolName: protocolName, allowsContaminated: allowsContaminated)
    }
    return try ProtocolTest(
      embeddings(), file: options.embeddings ?? "", catalog: catalog, protocolName: protocolName)
  }

  private func embeddings() throws -> EmbeddingSet {
    try EmbeddingFile.read(
      options.embeddings ?? "", list: options.paths, catalog: catalog, distance: options.distance)
  }

  /// The kind of the protocol; "" for every sample.
  var kind: String { (try? catalog.protocolSummary(protocolName))?.kind ?? "" }

  /// The embeddings of samples; those of a run are computed.
  ///
  /// - Throws: ``TrainError``; also if the file lacks one of them.
  func embeddings(of ids: [Int]) throws -> EmbeddingSet {
    guard let run else {
      let set = try embeddings()
      try set.check(Set(ids), file: options.title, catalog)
      return set
    }
    return try Embedder(
      run: run.folder, recipe: Recipe.read(run: run.folder, run.record), catalog: catalog
    ).embeddings(of: ids)
  }

  /// A title for a report.
  func title(_ what: String) -> String {
    "\(run?.record.recipe ?? URL(fileURLWithPath: options.title).lastPathComponent) on \(what)"
  }

  /// The line under the title.
  var subtitle: String { run == nil ? "embeddings \(options.title)" : "run \(options.title)" }

  /// The folder of a report if the user names none.
  func reportFolder(of name: String) -> String {
    run?.folder.report(of: name)
      ?? URL(fileURLWithPath: options.title).deletingPathExtension().path + "-\(name)"
  }

  /// The samples that the protocol tests.
  ///
  /// - Parameters:
  ///   - allowsContaminated: whether to allow tests on people and images that were trained on.
  ///   - everySample: whether all samples of the store are tested instead.
  /// - Returns: the samples.
  /// - Throws: ``TrainError``, also if the network was trained on them.
  func samples(allowsContaminated: Bool, everySample: Bool = false) throws -> TestedSamples {
    everySample
      ? try TestedSamples(
        everySampleOf: catalog, run: run?.folder, allowsContaminated: allowsContaminated)
      : try TestedSamples(
        protocolName, catalog, run: run?.folder, allowsContaminated: allowsContaminated)
  }

  /// Whether the network was trained on tested people or images; `nil` if that is not known.
  func isContaminated(_ seen: Contamination?, isClosedSet: Bool) -> Bool? {
    guard let seen else { return nil }
    if seen.isContaminated(isClosedSet: isClosedSet) { return true }
    return run?.record.initialWeightsUnknown == true ? nil : false
  }

  /// Warnings for the reader of the results.
  func warnings(_ contamination: Contamination?, isClosedSet: Bool) -> [String] {
    var warnings: [String] = []
    if run?.record.initialWeightsUnknown == true {
      warnings.append(
        "the run began with the weights of a file, and it is not known whom they were trained on")
    }
    if let run, let recipe = try? Recipe.read(run: run.folder, run.record) {
      if run.folder.lacksScore(of: recipe) { warnings.append(RunFolder.scoreWarning) }
      // People of earlier weights are not known to the score.
      let isKnown = contamination?.includesEveryone == true && run.record.initialWeights == nil
      if recipe.score?.jointBayesian.knownPeople != nil, !isKnown {
        warnings.append(RunFolder.knownPeopleWarning)
      }
    }
    if let run, let digest = try? catalog.digest(),
      !run.record.storeDigest.split(separator: "+").contains(Substring(digest))
    {
      warnings.append(
        "the run was trained on another store; people of both are told by their datasets' and own "
          + "names alone")
    }
    if isClosedSet {
      warnings.append(
        "a closed set: the same people train and test, in different images, so the figures say "
          + "nothing of others")
    }
    if kind == "lfw-view1" {
      warnings.append(
        "View 1 is for the choice of a model: these figures cannot be compared with those of View 2, "
          + "which are the ones published as LFW")
    }
    guard let seen = contamination else {
      return warnings + [
        "it is not known whom the network of these embeddings was trained on: the figures hold only "
          + "if it was on none of the tested people"
      ]
    }
    if !isClosedSet && seen.identities > 0 {
      warnings.append(
        "contaminated: the run was trained on \(seen.identities) of the people who are tested")
    }
    if seen.images > 0 {
      warnings.append(
        "contaminated: the run was trained on \(seen.images) of the images that are tested")
    }
    return warnings
  }

  /// What the results depend on, for a report.
  func facts(rule: String) -> [[String]] {
    let own = [
      ["tested store", (try? catalog.digest()) ?? ""],
      ["tested protocol", (try? catalog.digest(ofProtocol: protocolName)) ?? "none: every sample"],
      ["score", rule],
    ]
    guard let record = run?.record else { return own + [["embeddings", options.title]] }
    return own + [
      ["trained on the store", record.storeDigest],
      ["trained on the protocol", record.protocolDigest],
      ["recipe", record.recipe + (record.faithful ? ", faithful form" : "")],
      ["seed", "\(record.seed)"], ["threads", "\(record.threads)"],
      ["ranks", ranks(record)],
      ["instruction set", record.instructionSet],
      ["convolution", record.inferenceConvolution ?? record.convolution],
      ["trained in", record.precision], ["parameters", "\(record.parameters)"],
    ]
  }

  /// The number of processes that trained, and how they normalised.
  private func ranks(_ record: RunRecord) -> String {
    "\(record.ranks ?? 1)"
      + (record.synchronizedNormalization == true ? ", synchronised batch normalisation" : "")
  }
}

/// The specification of one-shot trials.
enum OneShotProtocol {
  private struct Specification: Decodable {
    let ways: Int
  }

  /// The number of people in each trial; `nil` for another kind of protocol.
  static func ways(of summary: ProtocolSummary) -> Int? {
    try? JSONDecoder().decode(Specification.self, from: Data(summary.specification.utf8)).ways
  }
}

extension RunFolder {
  /// The warning where images of other people may be compared by a score for a closed set.
  static let knownPeopleWarning =
    "the learned score (known-people) takes every image to show one of the people that the run was "
    + "trained on, and means little for others"
  /// The warning for a run that lacks its learned score.
  static let scoreWarning =
    "the run has not learned its score yet, so the distance of its loss is used; train run --resume "
    + "learns it when the training ends"
}
