import Catalog
import Foundation

/// The protocols made for a request, audited but not yet stored.
public struct RequestedProtocols {
  /// A protocol with its audit and statistics.
  public struct Made: Sendable {
    /// The protocol.
    public let record: ProtocolRecord
    /// The result of the audit.
    public let audit: LeakAudit
    /// The statistics of its pairs.
    public let analyses: PairAnalyses
  }

  /// Information for the user in addition to the audit.
  public enum Note: Sendable {
    /// Duplicates between the sides may have been missed, for the given reason.
    case incompleteAudit(reason: String)
    /// The overlap of View 1 and View 2 was not counted because a list cannot be used.
    case viewsNotCompared(ListError)
    /// A list has the same lines as the official one, but not the same bytes.
    case equivalentList(path: String)
    /// Lists of people are missing, so a side contains only the images of its pairs.
    case absentPeople(lists: [String], folder: String)
    /// Images are on no side because their people share images with people named to test.
    case unassigned(images: Int)
    /// The same people train and test.
    case closedSet
    /// The same images train and test.
    case leakingSplit
  }

  /// The current phase.
  public enum Phase: Sendable {
    /// Reading the samples of the store.
    case readingSamples
    /// Making pairs.
    case makingPairs
    /// Auditing the protocol of this name.
    case auditing(String)
  }

  /// All samples of the store.
  public let table: SampleTable
  /// The protocols; the requested one is last.
  public private(set) var made: [Made] = []
  /// How the official lists compare with the published ones, by file name.
  public private(set) var lists: [String: ListFile.Status] = [:]
  /// Kinds of findings that were not checked because a list is missing.
  public private(set) var unchecked: [String] = []
  /// Information for the user in addition to the audits.
  public private(set) var notes: [Note] = []

  private let request: ProtocolRequest
  private let catalog: Catalog
  private let datasets: [OfficialDataset]
  private let links: [DuplicateLink]
  private let onPhase: (Phase) -> Void

  /// Makes the protocols of a request.
  ///
  /// - Parameters:
  ///   - request: the request.
  ///   - catalog: the store.
  ///   - datasets: the datasets with official protocols.
  ///   - onPhase: called at the start of each phase.
  /// - Throws: ``PairError``, ``ListError``, or ``CatalogError``.
  public init(
    _ request: ProtocolRequest, _ catalog: Catalog, datasets: [OfficialDataset],
    onPhase: @escaping (Phase) -> Void = { _ in }
  ) throws {
    self.request = request
    self.catalog = catalog
    self.datasets = datasets
    self.onPhase = onPhase
    onPhase(.readingSamples)
    table = try SampleTable(catalog)
    links = try catalog.duplicateLinks()
    onPhase(.makingPairs)
    switch request.source {
    case .lfw(let view, let dropsErrata): try makeView(view, dropsErrata: dropsErrata)
    case .named(let name):
      if let kind = CFPProtocol.Kind.allCases.first(where: { $0.name == name }) {
        try makeCFP(kind)
      } else {
        try makeList(name)
      }
    default: try makeDrawn()
    }
  }

  private mutating func add(
    _ record: ProtocolRecord, isClosedSet: Bool = false, checksPairs: Bool = false,
    findings: [Finding] = [], line: ((Part, Int) -> String)? = nil
  ) throws {
    onPhase(.auditing(record.name))
    var audit = try LeakAudit(
      record, table: table, links: links, catalog: catalog, isClosedSet: isClosedSet,
      checksPairs: checksPairs)
    try audit.add(
      wrong: try wrongLabels(in: record), of: record, catalog,
      line: line ?? {
        "\($0.role.rawValue) pair \($1)" + ($0.fold == 0 ? "" : " of fold \($0.fold)")
      })
    audit.add(findings)
    if unchecked.isEmpty && !audit.gaps.isEmpty {
      unchecked += ["file", "pixels", "near"]
      notes += audit.gaps.map { .incompleteAudit(reason: $0) }
    }
    made.append(
      Made(record: record, audit: audit, analyses: PairAnalyses(record, table: table)))
  }

  /// The pairs whose label is wrong according to the errata of a dataset in the store, regardless
  /// of their source.
  private func wrongLabels(in record: ProtocolRecord) throws -> [Part: [Int]] {
    var wrong: [Part: [Int]] = [:]
    guard !record.pairs.isEmpty else { return wrong }
    for dataset in try catalog.datasetRecords() {
      let official = datasets.first { $0.name == dataset.protocols ?? dataset.name }
      guard let errata = official?.errata, !errata.isEmpty else { continue }
      let known = try Errata(errata, catalog, dataset: dataset.name)
      for (part, places) in try known.wrong(in: record, catalog) {
        wrong[part, default: []] += places
      }
    }
    return wrong
  }

  // MARK: Official protocols

  private mutating func makeView(_ view: Int, dropsErrata: Bool) throws {
    let index = try ImageIndex(catalog, following: LFWProtocols.protocols)
    let official = datasets.first { $0.name == LFWProtocols.protocols }
    let folder = try folder(of: LFWProtocols.mainList(ofView: view), dataset: index.dataset)
    var protocols = LFWProtocols(
      index, lists: OfficialLists(folder: folder, digests: official?.lists ?? [:]),
      allowMissing: request.allowsMissing)
    let validation = request.listedValidation
    var record = try view == 1 ? protocols.view1(validation: validation) : protocols.view2()
    if let validation {
      record = validation.apply(to: record, table: table, links: links)
    }
    if let name = request.name { record.name = name }
    lists = protocols.statuses
    var overlap: [Finding] = []
    do throws(ListError) { overlap = try protocols.views().findings } catch {
      unchecked += ["view-person", "view-pair"]
      notes.append(.viewsNotCompared(error))
    }
    try add(record, checksPairs: true, findings: overlap, line: LFWProtocols.line)
    if dropsErrata {
      try add(
        record.withoutErrata(try wrongLabels(in: record)), checksPairs: true, findings: overlap,
        line: LFWProtocols.line)
    }
    for (name, status) in lists.sorted(by: { $0.key < $1.key }) where status == .equivalent {
      notes.append(.equivalentList(path: "\(folder)/\(name)"))
    }
    if !protocols.absentPeople.isEmpty {
      notes.append(.absentPeople(lists: protocols.absentPeople, folder: folder))
    }
  }

  private mutating func makeCFP(_ kind: CFPProtocol.Kind) throws {
    let index = try ImageIndex(catalog, following: CFPProtocol.protocols)
    let folder = try folder(of: "Pair_list_F.txt", dataset: index.dataset)
    var record = try CFPProtocol(index, folder: folder, allowMissing: request.allowsMissing)
      .record(kind)
    if let name = request.name { record.name = name }
    try add(record, checksPairs: true)
  }

  /// The folder that contains the list `file`: the given one, or the first found next to the
  /// images.
  private func folder(of file: String, dataset: String) throws -> String {
    let places: [String]
    if let lists = request.lists {
      places = [lists, "\(lists)/Protocol"]
    } else {
      places = try catalog.roots()[dataset].map(OfficialLists.places(beside:)) ?? []
    }
    guard let folder = OfficialLists.find(file, in: places) else {
      throw PairError.listNotFound(file: file, folder: request.lists)
    }
    return folder
  }

  // MARK: The user's own pairs

  private mutating func makeList(_ path: String) throws {
    let file = URL(fileURLWithPath: path)
    let name = request.name ?? file.deletingPathExtension().lastPathComponent
    switch file.pathExtension {
    case "csv":
      try add(
        PairCSV.read(path, name: name, catalog, allowMissing: request.allowsMissing),
        checksPairs: true)
    case "txt":
      let datasets = try catalog.roots().keys.sorted()
      guard datasets.count == 1, let dataset = datasets.first else {
        throw PairError.needsOneDataset(file: path, datasets: datasets)
      }
      let index = try ImageIndex(catalog, dataset: dataset)
      guard index.hasNumbers && !index.hasPoses else {
        throw PairError.needsNumbers(file: path, dataset: dataset, hasPoses: index.hasPoses)
      }
      try add(
        PairText.read(path, name: name, index, allowMissing: request.allowsMissing),
        checksPairs: true)
    default:
      throw PairError.unknownProtocol(name: path, known: CFPProtocol.Kind.allCases.map(\.name))
    }
  }

  // MARK: Drawn pairs

  private mutating func makeDrawn() throws {
    var source = table
    if let within = request.within {
      let summary = try catalog.protocolSummary(within)
      var members: Set<Int> = []
      for part in summary.members.keys where part.role == .test {
        members.formUnion(try catalog.members(of: within, part))
      }
      source = table.restricted(to: members)
    }
    source = try request.selection.apply(to: source)
    let maker = ProtocolMaker(
      source, links: links, draw: request.draw, selection: request.selection)
    let names = DrawnProtocolName(request)
    switch request.source {
    case .identitySplit(let split, let folds):
      if let folds { return try add(maker.folds(folds, split, name: names.name)) }
      let record = try maker.split(split, name: names.name)
      let unassigned = source.ids.count - record.members.values.reduce(0) { $0 + $1.count }
      if unassigned > 0 { notes.append(.unassigned(images: unassigned)) }
      try add(record)
    case .imageSplit(let split):
      try add(maker.split(split, name: names.name), isClosedSet: true)
      notes.append(.closedSet)
    case .pairSplit(let split):
      try add(maker.split(split, name: names.name))
      notes.append(.leakingSplit)
    case .oneShot(let ways, let trials):
      try add(
        maker.oneShot(ways: ways, trials: trials, name: names.name, within: request.within))
    case .all: try add(maker.all(name: names.name, within: request.within))
    case .sample: try add(maker.sample(name: names.name, within: request.within))
    case .lfw, .named: preconditionFailure("official protocols are not drawn")
    }
  }
}
