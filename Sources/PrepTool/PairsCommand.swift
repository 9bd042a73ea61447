import ArgumentParser
import Catalog
import CommandSupport
import Foundation
import Pairs

/// `prep pairs`.
struct PairsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pairs",
    abstract: "Lays down who is compared with whom, as a protocol of the store.",
    discussion: """
      --split identity puts every person on one side: nobody who is trained on is tested on. The \
      side follows from the name and the seed, so it stays when people are added. Without \
      --sample each side gets all its pairs, up to \(ProtocolMaker.defaultLimit) of a kind.
      """)

  enum Split: String, ExpressibleByArgument, CaseIterable {
    case identity
  }

  @OptionGroup var store: StoreOptions

  @Option(help: "Split the samples; identity: no person on both sides.")
  var split: Split?

  @Option(help: ArgumentHelp("The share of people who train.", valueName: "share"))
  var train = 0.7

  @Option(help: ArgumentHelp("The share of people who validate.", valueName: "share"))
  var validation = 0.0

  @Option(
    help: ArgumentHelp(
      "These people test, all others train; comma-separated.", valueName: "names"))
  var testIdentities: String?

  @Option(
    help: ArgumentHelp(
      "Draw so many pairs for each side, without repeats.",
      valueName: "genuine=n,impostor=n"))
  var sample: PairCounts?

  @Option(help: ArgumentHelp("Draws the sides and the pairs.", valueName: "n"))
  var seed = 0

  @Option(help: ArgumentHelp("Names the protocol.", valueName: "name"))
  var name: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard split != nil || sample != nil else {
      throw ValidationError(
        "Say what to make: --split identity, or --sample genuine=1000,impostor=1000, or both.")
    }
    guard (0...1).contains(train), (0...1).contains(validation), train + validation <= 1 else {
      throw ValidationError(
        "--train and --validation are shares: each in 0...1, together at most 1.")
    }
    if testIdentities != nil && split == nil {
      throw ValidationError("--test-identities needs --split identity.")
    }
  }

  func run() async throws {
    let folder = store.folder
    // Reading first: a store that is missing or too new is refused before anything is touched.
    let table = try SampleTable(Catalog.open(folder))
    let maker = ProtocolMaker(table)
    let record = try make(maker)
    let lock = try StoreLock(folder)
    let catalog = try Catalog.openOrCreate(folder)
    let audit = try LeakAudit(record, catalog: catalog)
    try catalog.add(record)
    _ = consume lock
    let report = PairsReport(record, table: table, leaks: audit)
    output.summary(report) { report.text }
    if audit.identicalFiles > 0 {
      output.note(
        "warning: \(audit.identicalFiles) files lie byte for byte on both sides of the split")
    }
  }

  private func make(_ maker: ProtocolMaker) throws(PairError) -> ProtocolRecord {
    guard split != nil else {
      return try maker.sample(
        sample ?? PairCounts(genuine: 1, impostor: 1), seed: seed,
        name: name ?? "sample-seed\(seed)")
    }
    let tested = (testIdentities ?? "").split(separator: ",").map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    let split = IdentitySplit(
      train: train, validation: validation, seed: seed, testIdentities: Set(tested))
    return try maker.split(split, counts: sample, name: name ?? "identity-seed\(seed)")
  }
}

extension PairCounts: ExpressibleByArgument {
  /// Reads "genuine=1000,impostor=1000".
  public init?(argument: String) {
    var counts: [Substring: Int] = [:]
    for part in argument.split(separator: ",") {
      let halves = part.split(separator: "=", maxSplits: 1)
      guard halves.count == 2, let count = Int(halves[1]), count >= 1,
        ["genuine", "impostor"].contains(halves[0]), counts[halves[0]] == nil
      else { return nil }
      counts[halves[0]] = count
    }
    guard let genuine = counts["genuine"], let impostor = counts["impostor"] else { return nil }
    self.init(genuine: genuine, impostor: impostor)
  }
}

/// The summary of `prep pairs`.
struct PairsReport: Encodable {
  /// What one side has.
  struct Side: Encodable {
    let role: String
    let identities: Int
    let images: Int
    let genuine: Int
    let impostor: Int
  }

  let `protocol`: String
  let folds: Int
  let genuine: Int
  let impostor: Int
  let identities: Int
  let images: Int
  let missing = 0
  let leaks: Int
  let sides: [Side]

  init(_ record: ProtocolRecord, table: SampleTable, leaks: LeakAudit) {
    `protocol` = record.name
    folds = Set(record.pairs.keys.map(\.fold)).subtracting([0]).count
    sides = record.members.sorted { $0.key < $1.key }.map { part, members in
      let pairs = record.pairs[part] ?? []
      let genuine = pairs.count { $0.genuine }
      return Side(
        role: part.role.rawValue,
        identities: table.restricted(to: Set(members)).identities.count, images: members.count,
        genuine: genuine, impostor: pairs.count - genuine)
    }
    genuine = sides.reduce(0) { $0 + $1.genuine }
    impostor = sides.reduce(0) { $0 + $1.impostor }
    identities = sides.reduce(0) { $0 + $1.identities }
    images = sides.reduce(0) { $0 + $1.images }
    self.leaks = leaks.total
  }

  var text: String {
    let rows = sides.map {
      [$0.role, "\($0.identities)", "\($0.images)", "\($0.genuine)", "\($0.impostor)"]
    }
    let table = TextTable(["side", "identities", "images", "genuine", "impostor"], rows)
    return "protocol \(`protocol`), \(leaks) leaks between its sides\n\(table.text)"
  }
}

extension PairError: ExplainedError {
  /// What the user reads.
  public var explanation: String {
    switch self {
    case .emptyStore:
      "The store holds no samples. Ingest photographs first: prep ingest PHOTOGRAPHS"
    case .tooFewIdentities(let role, let count):
      "The \(role.rawValue) side has \(count) identities, and impostor pairs need two. "
        + "Change --train, --validation or --seed, or ingest more people."
    case .noGenuinePairs(let role):
      "Nobody on the \(role.rawValue) side has two images, so there are no genuine pairs. "
        + "Change the shares or the seed, or ingest more images a person."
    case .tooManyAsked(let role, let genuine, let asked, let existing):
      "The \(role.rawValue) side has \(existing) \(genuine ? "genuine" : "impostor") pairs; "
        + "\(asked) were asked for. Ask for at most that many, or leave --sample out to take all."
    case .unknownIdentity(let name):
      "The store has no identity \(name). See who there is with: prep stats"
    case .catalog(let error): error.explanation
    }
  }
}
