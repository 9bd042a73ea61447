import ArgumentParser
import Catalog
import CommandSupport
import Datasets
import Foundation
import Pairs

/// `prep pairs`.
struct PairsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pairs",
    abstract: "Makes a protocol: who trains, who tests, and which pairs are compared.",
    discussion: """
      Official protocols: --view 1 and --view 2 of LFW, --protocol cfp-ff and cfp-fp. Their lists \
      are found beside the images, checked, and used unchanged. --protocol FILE reads your own \
      pairs: CSV with the columns left_path, right_path, genuine and optionally fold and role, or \
      LFW's text form.

      --split identity puts every person on one side, together with everybody who has an image in \
      common, so nobody both trains and tests. The side follows from the name and the seed, so it \
      stays when people are added. --split image divides the images of each person: a closed set. \
      --split pairs divides drawn pairs as the ORL tutorial did, which leaks.

      Without --sample each side gets all its pairs, up to \(ProtocolMaker.defaultLimit) of a \
      kind. --export alone writes the stored protocol that --name names.
      """)

  /// The method of splitting the samples.
  enum Split: String, ExpressibleByArgument, CaseIterable {
    case identity
    case image
    case pairs
  }

  /// The treatment of labels that are known to be wrong.
  enum ErrataPolicy: String, ExpressibleByArgument, CaseIterable {
    case keep
    case drop
  }

  @OptionGroup var store: StoreOptions

  @Option(
    help: ArgumentHelp("LFW: View 1 for choosing a model, View 2 for reporting.", valueName: "1|2"))
  var view: Int?

  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp(
      "cfp-ff, cfp-fp, or a file of your own pairs.", valueName: "name|file.csv|file.txt")
  )
  var source: String?

  @Option(help: ArgumentHelp("The directory of the official lists.", valueName: "folder"))
  var lists: String?

  @Flag(help: "Leave out pairs whose images are not in the store, and record them.")
  var allowMissing = false

  @Option(
    help:
      "What to do about labels known to be wrong; drop makes a second protocol without those pairs."
  )
  var errata = ErrataPolicy.keep

  @Option(help: "Split the samples; identity: no person on both sides.")
  var split: Split?

  @Option(
    help: ArgumentHelp("The share of the people who train; 0.7 unless given.", valueName: "share"))
  var train: Double?

  @Option(
    help: ArgumentHelp(
      "The share that validates, of the people of --split or of the training side of --view 1; 0 "
        + "unless given.", valueName: "share"))
  var validation: Double?

  @Option(
    help: ArgumentHelp(
      "With --view 1, what stays together: people, or only pairs, so that people leak.",
      valueName: "identity|pair"))
  var validationBy = ListedValidation.Unit.identity

  @Option(help: ArgumentHelp("Use only people with this number of images.", valueName: "n"))
  var minImages: Int?

  @Option(
    help: ArgumentHelp("Use at most this number of images of a person.", valueName: "n"))
  var imagesPerIdentity: Int?

  @Flag(help: "Meet the shares exactly; sides then change when people are added.")
  var exact = false

  @Option(help: ArgumentHelp("Split the people into this number of folds instead.", valueName: "n"))
  var folds: Int?

  @Option(
    help: ArgumentHelp(
      "People who test, comma-separated; all others train.", valueName: "names"))
  var testIdentities: String?

  @Option(
    help: ArgumentHelp(
      "Number of pairs to draw for each side, without repeats.",
      valueName: "genuine=n,impostor=n"))
  var sample: PairCounts?

  @Option(help: ArgumentHelp("Maximum number of genuine pairs of a person.", valueName: "n"))
  var maxPerIdentity: Int?

  @Flag(help: "All pairs, enumerated rather than stored.")
  var all = false

  @Option(help: ArgumentHelp("Number of people in a one-shot trial.", valueName: "ways"))
  var oneShot: Int?

  @Option(help: ArgumentHelp("Number of one-shot trials; 500 unless given.", valueName: "n"))
  var trials: Int?

  @Option(
    help: ArgumentHelp("Draw among the test samples of this protocol.", valueName: "protocol"))
  var within: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seed for the sides and the pairs.", valueName: "n"))
  var seed = 0

  @Option(help: ArgumentHelp("Names the protocol.", valueName: "name"))
  var name: String?

  @Flag(help: "Replace a stored protocol of the same name that differs.")
  var replace = false

  @Option(help: ArgumentHelp("Remove the protocol of this name.", valueName: "name"))
  var delete: String?

  @Option(
    help: ArgumentHelp(
      "Write the pairs as CSV or in LFW's text form.", valueName: "file.csv|file.txt"))
  var export: String?

  @Option(help: "Export only the pairs of this side.")
  var role: Role?

  @OptionGroup var output: OutputOptions

  /// The fraction of the data for training.
  var trainShare: Double { train ?? (split == .pairs ? PairSplit.tutorial.train : 0.7) }
  /// The fraction of the data for validation.
  var validationShare: Double {
    validation ?? (split == .pairs && train == nil ? PairSplit.tutorial.validation : 0)
  }

  /// Whether the command makes a protocol, instead of exporting an existing one.
  var makesProtocol: Bool {
    view != nil || source != nil || split != nil || sample != nil || all || oneShot != nil
  }

  func validate() throws {
    let sources = [
      view != nil, source != nil, split != nil, all, oneShot != nil,
    ].count { $0 }
    guard sources <= 1 else {
      throw ValidationError(
        "One protocol at a time: --view, --protocol, --split, --all and --one-shot each make one.")
    }
    if delete != nil {
      guard !makesProtocol, export == nil, name == nil, !replace else {
        throw ValidationError("--delete goes alone: it removes the protocol it names.")
      }
      return
    }
    guard !replace || makesProtocol else {
      throw ValidationError("--replace goes with what makes a protocol, as --split identity.")
    }
    guard makesProtocol || export != nil && name != nil else {
      throw ValidationError(
        "Say what to make: --view 1, --view 2, --protocol cfp-ff, --split identity, "
          + "--sample genuine=1000,impostor=1000, --all or --one-shot 10; or give --name with "
          + "--export to write a stored protocol.")
    }
    guard view.map({ (1...2).contains($0) }) ?? true else {
      throw ValidationError("LFW has --view 1 and --view 2.")
    }
    try validateSplit()
    try validateDraws()
    if let export, !export.hasSuffix(".csv"), !export.hasSuffix(".txt") {
      throw ValidationError("--export writes a file that ends in .csv or .txt.")
    }
    try validateName()
    if role != nil && export == nil { throw ValidationError("--role needs --export.") }
  }

  func run() async throws {
    let folder = store.folder
    // Opened for reading first: a missing or too new store is rejected before anything is changed.
    let catalog = try Catalog.open(folder)
    if let delete { return try remove(delete, folder) }
    guard makesProtocol else {
      return try exportStored(name ?? "", catalog)
    }
    let notice = SlowNotice(isEnabled: !output.quiet)
    let manifests = try DatasetManifest.all(in: Installation.manifests("datasets"))
    let requested = try RequestedProtocols(
      request, catalog,
      datasets: manifests.map {
        OfficialDataset(name: $0.name, lists: $0.lists, errata: $0.errata)
      }
    ) { notice.phase($0.text) }
    // An impossible export is rejected before the protocol is stored.
    let exported = try requested.made.last.flatMap { made in
      try prepareExport(of: made.record, requested.table, catalog)
    }
    notice.phase("storing")
    try write(folder) { writable in
      for made in requested.made {
        try writable.add(
          made.record, findings: made.audit.findings, analyses: made.analyses.byRole,
          isReplacing: replace)
      }
    }
    notice.finish()
    try report(requested, exported)
  }

  /// The request given by the options.
  private var request: ProtocolRequest {
    let source: ProtocolRequest.Source =
      if let view {
        .lfw(view: view, dropsErrata: errata == .drop)
      } else if let source {
        .named(source)
      } else if split == .identity {
        .identitySplit(identitySplit, folds: folds)
      } else if split == .image {
        .imageSplit(ImageSplit(train: trainShare, validation: validationShare, seed: seed))
      } else if split == .pairs {
        .pairSplit(PairSplit(train: trainShare, validation: validationShare, seed: seed))
      } else if all {
        .all
      } else if let oneShot {
        .oneShot(ways: oneShot, trials: trials ?? 500)
      } else {
        .sample
      }
    var request = ProtocolRequest(
      source, draw: ProtocolMaker.Draw(counts: sample, cap: maxPerIdentity, seed: seed))
    request.name = name
    request.lists = lists
    request.allowsMissing = allowMissing
    request.within = within
    request.selection.minImages = minImages
    request.selection.imagesPerIdentity = imagesPerIdentity
    request.selection.seed = seed
    if view == 1, let validation, validation > 0 {
      request.listedValidation = ListedValidation(
        share: validation, unit: validationBy, seed: seed)
    }
    return request
  }

  private var identitySplit: IdentitySplit {
    let tested = (testIdentities ?? "").split(separator: ",").map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    return IdentitySplit(
      train: trainShare, validation: validationShare, seed: seed,
      testIdentities: Set(tested.map { UTF8Key($0) }), isExact: exact)
  }

  /// Changes the catalog while holding the store's lock.
  private func write(_ folder: StoreFolder, _ change: (Catalog) throws -> Void) throws {
    let lock = try StoreLock(folder)
    let output = output
    let catalog = try Catalog.openOrCreate(folder) { output.note(.waitsForReader) }
    defer { catalog.finishWriting() }
    try change(catalog)
    _ = consume lock
  }

  private struct Removed: Encodable {
    let removed: String
  }

  private func remove(_ name: String, _ folder: StoreFolder) throws {
    try write(folder) { try $0.deleteProtocol(name) }
    output.summary(Removed(removed: name)) { "removed the protocol \(name)" }
  }
}

extension Role: ExpressibleByArgument {}

extension ListedValidation.Unit: ExpressibleByArgument {}
