import Catalog
import Pairs

/// The samples that a protocol tests, in all of its folds.
public struct TestedSamples: Sendable {
  /// The protocol's name, or a description of the samples.
  public let name: String
  /// The tested samples by identity.
  public let table: SampleTable
  /// Remarks for the reader of the results.
  public let notes: [String]
  /// The training samples by identity.
  public let training: SampleTable
  /// Whether the same people train and test by design; for a run only if it was trained on some.
  public let isClosedSet: Bool
  /// The tested people and images that the network was trained on; `nil` if that is not known.
  public let contamination: Contamination?

  /// Reads the samples of a protocol.
  ///
  /// - Parameters:
  ///   - protocolName: the protocol.
  ///   - catalog: the store.
  ///   - folder: the run that is tested; `nil` for embeddings of an unknown network.
  ///   - allowsContaminated: whether to allow tests on people and images that were trained on.
  /// - Throws: ``TrainError``; also if the run was trained on people whom the protocol tests or, in a
  ///   closed set, on images that it tests.
  public init(
    _ protocolName: String, _ catalog: Catalog, run folder: RunFolder?,
    allowsContaminated: Bool = false
  ) throws {
    name = protocolName
    let summary = try catalog.protocolSummary(protocolName)
    let parts = Set(summary.members.keys).union(summary.pairs.keys)
    func samples(_ role: Role) throws -> Set<Int> {
      try Self.samples(of: protocolName, parts.filter { $0.role == role }, catalog)
    }
    let tested = try samples(.test)
    guard !tested.isEmpty else { throw TrainError.nothingToTest(protocol: protocolName) }
    let all = try SampleTable(catalog)
    table = all.restricted(to: tested)
    let former = tested.count - table.ids.count
    notes =
      former > 0
      ? ["\(former) tested images were dropped or replaced since, and are left out here"] : []
    training = all.restricted(to: try samples(.train))
    let isDesigned = try ClosedSet.contains(summary, catalog)
    contamination = try folder.map { try TrainedOn($0).contamination(of: tested, in: catalog) }
    isClosedSet = isDesigned && contamination?.identities != 0
    if let folder, !allowsContaminated {
      try contamination?.refuse(isClosedSet: isDesigned, run: folder)
    }
  }

  /// The samples of all parts of a protocol, by id.
  public static func allSamples(
    of protocolName: String, _ catalog: Catalog
  ) throws(CatalogError) -> [Int] {
    let summary = try catalog.protocolSummary(protocolName)
    let parts = Set(summary.members.keys).union(summary.pairs.keys)
    return try samples(of: protocolName, parts, catalog).sorted()
  }

  private static func samples(
    of protocolName: String, _ parts: Set<Part>, _ catalog: Catalog
  ) throws(CatalogError) -> Set<Int> {
    var samples: Set<Int> = []
    for part in parts {
      samples.formUnion(try catalog.members(of: protocolName, part))
      for pair in try catalog.pairs(of: protocolName, part) {
        samples.formUnion([pair.left, pair.right])
      }
    }
    return samples
  }

  /// Reads all samples of a store.
  ///
  /// - Parameters:
  ///   - catalog: the store.
  ///   - folder: the run that is tested; `nil` for embeddings of an unknown network.
  ///   - allowsContaminated: whether to allow tests on people and images that were trained on.
  /// - Throws: ``TrainError``; also if the run was trained on people of the store.
  public init(
    everySampleOf catalog: Catalog, run folder: RunFolder?, allowsContaminated: Bool
  ) throws {
    name = "every sample"
    table = try SampleTable(catalog)
    notes = []
    training = SampleTable()
    isClosedSet = false
    let ids = Set(table.ids)
    contamination = try folder.map { try TrainedOn($0).contamination(of: ids, in: catalog) }
    if let folder, !allowsContaminated {
      try contamination?.refuse(isClosedSet: false, run: folder)
    }
  }
}
