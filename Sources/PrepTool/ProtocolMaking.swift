import Catalog
import CommandSupport
import Configuration
import Datasets
import Foundation
import Pairs

/// What `prep pairs` was asked for, made but not yet stored.
struct ProtocolMaking {
  /// Figures of a protocol's pairs.
  struct Analyses {
    let byRole: [Role: PairAnalysis]
    /// All roles together; `nil` without pairs.
    let all: PairAnalysis?

    init(_ record: ProtocolRecord, table: SampleTable, owners: [Int32]) {
      var byRole: [Role: PairAnalysis] = [:]
      let roles = Set(record.pairs.keys.map(\.role))
      for role in roles {
        byRole[role] = PairAnalysis(
          Self.pairs(record) { $0.role == role }, table: table, owners: owners)
      }
      self.byRole = byRole
      all =
        roles.count == 1
        ? byRole.values.first
        : roles.isEmpty
          ? nil : PairAnalysis(Self.pairs(record) { _ in true }, table: table, owners: owners)
    }

    private static func pairs(_ record: ProtocolRecord, where isWanted: (Part) -> Bool) -> [Pair] {
      record.pairs.filter { isWanted($0.key) }.sorted { $0.key < $1.key }.flatMap(\.value)
    }
  }

  /// All samples of the store.
  let table: SampleTable
  private let links: [DuplicateLink]
  /// The protocols, the one that was asked for last.
  private(set) var protocols: [(record: ProtocolRecord, audit: LeakAudit, analyses: Analyses)] = []
  /// How the official lists compare with the published ones.
  private(set) var lists: [String: ListFile.Status] = [:]
  /// Kinds of findings that were not looked for, because a list is not at hand.
  private(set) var unchecked: [String] = []
  /// What the user should know beside the report.
  private(set) var notes: [String] = []
  private let manifests: [DatasetManifest]
  private let notice: SlowNotice

  init(_ command: PairsCommand, _ catalog: Catalog, notice: SlowNotice) throws {
    self.notice = notice
    notice.phase("reading the samples of the store")
    table = try SampleTable(catalog)
    links = try catalog.duplicateLinks()
    manifests = try DatasetManifest.all(in: Installation.manifests("datasets"))
    notice.phase("making pairs")
    if let view = command.view {
      try makeView(view, command, catalog)
    } else if let source = command.source {
      try makeProtocol(source, command, catalog)
    } else {
      try makeDrawn(command, catalog)
    }
  }

  private mutating func add(
    _ record: ProtocolRecord, _ catalog: Catalog, isClosedSet: Bool = false,
    checksPairs: Bool = false, line: ((Part, Int) -> String)? = nil,
    amend: (inout LeakAudit) throws -> Void = { _ in }
  ) throws {
    notice.phase("looking for leaks in \(record.name)")
    var audit = try LeakAudit(
      record, table: table, links: links, catalog: catalog, isClosedSet: isClosedSet,
      checksPairs: checksPairs)
    try audit.add(
      wrong: try wrongLabels(in: record, catalog), of: record, catalog,
      line: line ?? {
        "\($0.role.rawValue) pair \($1)" + ($0.fold == 0 ? "" : " of fold \($0.fold)")
      })
    try amend(&audit)
    if unchecked.isEmpty && !audit.gaps.isEmpty {
      unchecked += ["file", "pixels", "near"]
      notes += audit.gaps.map { "leaks may be missed: \($0)" }
    }
    protocols.append(
      (record, audit, Analyses(record, table: table, owners: table.ownersByID)))
  }

  /// The pairs whose label the errata of a dataset in the store call wrong, whatever made them.
  private func wrongLabels(
    in record: ProtocolRecord, _ catalog: Catalog
  ) throws -> [Part: [Int]] {
    var wrong: [Part: [Int]] = [:]
    guard !record.pairs.isEmpty else { return wrong }
    for dataset in try catalog.datasetRecords() {
      let manifest = manifests.first { $0.name == dataset.protocols ?? dataset.name }
      guard let errata = manifest?.errata, !errata.isEmpty else { continue }
      let index = try ImageIndex(catalog, dataset: dataset.name)
      for (part, places) in try Errata(errata, index: index).wrong(in: record, catalog) {
        wrong[part, default: []] += places
      }
    }
    return wrong
  }

  private mutating func makeView(
    _ view: Int, _ command: PairsCommand, _ catalog: Catalog
  ) throws {
    let index = try ImageIndex(catalog, following: LFWProtocols.protocols)
    let manifest = manifests.first { $0.name == LFWProtocols.protocols }
    let file = view == 1 ? "pairsDevTrain.txt" : "pairs.txt"
    let folder = try Self.folder(of: file, command, catalog, dataset: index.dataset)
    var protocols = LFWProtocols(
      index, lists: OfficialLists(folder: folder, digests: manifest?.lists ?? [:]),
      allowMissing: command.allowMissing)
    var record = try view == 1 ? protocols.view1() : protocols.view2()
    if let name = command.name { record.name = name }
    lists = protocols.statuses
    let wrong = try wrongLabels(in: record, catalog)
    var views: LFWProtocols.Views?
    do throws(ListError) { views = try protocols.views() } catch {
      unchecked.append("view-person")
      unchecked.append("view-pair")
      notes.append(
        "what View 1 and View 2 have in common was not counted: "
          + PairError.list(error).explanation)
    }
    try add(record, catalog, checksPairs: true, line: LFWProtocols.line) { audit in
      if let views { audit.add(views) }
    }
    if command.errata == .drop {
      try add(
        record.withoutErrata(wrong), catalog, checksPairs: true, line: LFWProtocols.line
      ) { audit in
        if let views { audit.add(views) }
      }
    }
    for (name, status) in lists.sorted(by: { $0.key < $1.key }) where status == .equivalent {
      notes.append("\(folder)/\(name): equivalent to the official list, not identical")
    }
    if !protocols.absentPeople.isEmpty {
      notes.append(
        "\(protocols.absentPeople.joined(separator: ", ")) "
          + (protocols.absentPeople.count == 1 ? "does" : "do")
          + " not lie in \(folder), so a side holds the images of its pairs only")
    }
  }

  private mutating func makeProtocol(
    _ source: String, _ command: PairsCommand, _ catalog: Catalog
  ) throws {
    var record: ProtocolRecord
    if let kind = CFPProtocol.Kind.allCases.first(where: { $0.name == source }) {
      let index = try ImageIndex(catalog, following: CFPProtocol.protocols)
      let folder = try Self.folder(
        of: "Pair_list_F.txt", command, catalog, dataset: index.dataset)
      record = try CFPProtocol(index, folder: folder, allowMissing: command.allowMissing)
        .record(kind)
      if let name = command.name { record.name = name }
    } else {
      let file = URL(fileURLWithPath: source)
      let name = command.name ?? file.deletingPathExtension().lastPathComponent
      switch file.pathExtension {
      case "csv":
        record = try PairFile.read(
          csv: source, name: name, catalog, allowMissing: command.allowMissing)
      case "txt":
        let datasets = try catalog.roots().keys.sorted()
        guard datasets.count == 1, let dataset = datasets.first else {
          throw CommandFailure(
            "\(source) names images without their dataset, and the store has "
              + "\(datasets.joined(separator: ", ")). Give the pairs as CSV.")
        }
        let index = try ImageIndex(catalog, dataset: dataset)
        guard index.hasNumbers && !index.hasPoses else {
          throw CommandFailure(
            "\(source) names images by name and number, and those of \(dataset) have "
              + (index.hasPoses ? "poses beside them" : "no numbers") + ". Give the pairs as CSV.")
        }
        record = try PairFile.read(
          text: source, name: name, index, allowMissing: command.allowMissing)
      default:
        let nearest = NearestName.nearest(
          to: source, among: CFPProtocol.Kind.allCases.map(\.name))
        throw CommandFailure(
          "There is no protocol \(source)\(nearest.map { "; did you mean \($0)?" } ?? ".") Known are "
            + "cfp-ff and cfp-fp, --view 1 and --view 2 for LFW, or name a file that ends in .csv or "
            + ".txt.")
      }
    }
    try add(record, catalog, checksPairs: true)
  }

  /// The folder with the list `file`: the one that was named, or the first beside the images.
  private static func folder(
    of file: String, _ command: PairsCommand, _ catalog: Catalog, dataset: String
  ) throws -> String {
    let places: [String]
    if let lists = command.lists {
      places = [lists, "\(lists)/Protocol"]
    } else {
      places = try catalog.roots()[dataset].map(OfficialLists.places(beside:)) ?? []
    }
    guard let folder = OfficialLists.find(file, in: places) else {
      throw CommandFailure(
        "\(file) does not lie \(command.lists.map { "in \($0)" } ?? "beside the images"). "
          + "Name its folder with --lists.")
    }
    return folder
  }

  private mutating func makeDrawn(_ command: PairsCommand, _ catalog: Catalog) throws {
    var source = table
    if let within = command.within {
      let summary = try catalog.protocolSummary(within)
      var members: Set<Int> = []
      for part in summary.members.keys where part.role == .test {
        members.formUnion(try catalog.members(of: within, part))
      }
      source = table.restricted(to: members)
    }
    let maker = ProtocolMaker(
      source, links: links,
      draw: ProtocolMaker.Draw(
        counts: command.sample, cap: command.maxPerIdentity, seed: command.seed))
    let seed = "seed\(command.seed)"
    let of = command.within.map { "-of-\($0)" } ?? ""
    let exact = command.exact ? "-exact" : ""
    switch command.split {
    case .identity:
      let tested = (command.testIdentities ?? "").split(separator: ",").map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      let split = IdentitySplit(
        train: command.trainShare, validation: command.validationShare, seed: command.seed,
        testIdentities: Set(tested.map { UTF8Key($0) }), isExact: command.exact)
      if let folds = command.folds {
        try add(
          maker.folds(
            folds, split, name: command.name ?? "identity-folds\(folds)\(exact)-\(seed)"), catalog
        )
      } else {
        let record = try maker.split(split, name: command.name ?? "identity\(exact)-\(seed)")
        let left = table.ids.count - record.members.values.reduce(0) { $0 + $1.count }
        if left > 0 {
          notes.append(
            left == 1
              ? "1 image is on no side: its person shares a picture with people named to test"
              : "\(left) images are on no side: their people share pictures with people named to test"
          )
        }
        try add(record, catalog)
      }
    case .image:
      try add(
        maker.split(
          ImageSplit(
            train: command.trainShare, validation: command.validationShare, seed: command.seed),
          name: command.name ?? "image-\(seed)"), catalog, isClosedSet: true)
      notes.append(
        "a closed set: the same people train and test, so its figures say nothing of others")
    case nil:
      if command.all {
        try add(maker.all(name: command.name ?? "all\(of)", within: command.within), catalog)
      } else if let ways = command.oneShot {
        try add(
          maker.oneShot(
            ways: ways, trials: command.trials ?? 500,
            name: command.name ?? "one-shot-\(ways)\(of)-\(seed)",
            within: command.within), catalog)
      } else {
        try add(
          maker.sample(name: command.name ?? "sample\(of)-\(seed)", within: command.within), catalog
        )
      }
    }
  }
}
