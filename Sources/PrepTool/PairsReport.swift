import Catalog
import CommandSupport
import Pairs

/// The summary of `prep pairs`.
struct PairsReport: Encodable {
  /// The counts of one part of a protocol.
  struct Side: Encodable {
    let fold: Int
    let role: String
    let identities: Int
    let images: Int
    let genuine: Int
    let impostor: Int
    let missing: Int
  }

  let `protocol`: String
  let folds: Int
  let genuine: Int
  let impostor: Int
  let identities: Int
  let images: Int
  let missing: Int
  let leaks: Int
  let findings: [String: Int]
  let lists: [String: ListFile.Status]
  let sides: [Side]
  let unchecked: [String]
  let analysis: [String: PairAnalysis]

  init(_ made: RequestedProtocols.Made, of requested: RequestedProtocols) {
    let (record, audit, analyses, table) = (
      made.record, made.audit, made.analyses, requested.table
    )
    unchecked = requested.unchecked
    `protocol` = record.name
    let owners = table.ownersByID
    // A part whose pairs are all missing has neither members nor pairs.
    let parts = Set(record.members.keys).union(record.pairs.keys).union(record.missing.keys)
      .sorted()
    folds = Set(parts.map(\.fold)).subtracting([0]).count
    sides = parts.map { part in
      let members = record.members[part] ?? []
      let pairs = record.pairs[part] ?? []
      let genuine = pairs.count { $0.genuine }
      let all = record.kind == "all" ? PairDraw(table.restricted(to: Set(members))) : nil
      return Side(
        fold: part.fold, role: part.role.rawValue,
        identities: Set(members.map { owners[$0] }).count, images: members.count,
        genuine: all?.genuineCount ?? genuine,
        impostor: all?.impostorCount ?? pairs.count - genuine,
        missing: record.missing[part]?.count ?? 0)
    }
    genuine = sides.reduce(0) { $0 + $1.genuine }
    impostor = sides.reduce(0) { $0 + $1.impostor }
    missing = sides.reduce(0) { $0 + $1.missing }
    identities = analyses.all?.people.all ?? sides.reduce(0) { $0 + $1.identities }
    images = analyses.all?.images.all ?? sides.reduce(0) { $0 + $1.images }
    leaks = audit.leaks
    findings = Dictionary(
      uniqueKeysWithValues: audit.counts.map { ($0.key.rawValue, $0.value) })
    lists = requested.lists
    analysis = Dictionary(
      uniqueKeysWithValues: analyses.byRole.map { ($0.key.rawValue, $0.value) })
  }

  var text: String {
    let rows = sides.map { side in
      [
        side.fold == 0
          ? side.role : "fold \(side.fold)\(side.role == "test" ? "" : " \(side.role)")",
        "\(side.identities)", "\(side.images)", "\(side.genuine)", "\(side.impostor)",
      ] + (missing > 0 ? ["\(side.missing)"] : [])
    }
    let heading =
      ["side", "identities", "images", "genuine", "impostor"] + (missing > 0 ? ["missing"] : [])
    var lines = [
      "protocol \(`protocol`), \(leaks) \(leaks == 1 ? "leak" : "leaks") between its sides"
    ]
    lines.append(TextTable(heading, rows).text)
    lines.append(
      "compared: \(images) images of \(identities) people in \(genuine) genuine and \(impostor) "
        + "impostor pairs")
    for kind in Finding.Kind.allCases {
      guard let count = findings[kind.rawValue] else { continue }
      lines.append("\(count) \(kind.words(count))")
    }
    if !findings.isEmpty { lines.append("to list each of them, run the same command with --json") }
    return lines.joined(separator: "\n")
  }
}

extension Finding.Kind {
  /// Returns the noun for `count` findings of this kind.
  func words(_ count: Int) -> String {
    let one = count == 1
    return switch self {
    case .identity: one ? "person on two sides" : "people on two sides"
    case .file: one ? "file on two sides" : "files on two sides, byte for byte"
    case .pixels:
      one ? "image on two sides in different files" : "images on two sides in different files"
    case .near: "nearly identical \(one ? "image" : "images") on two sides"
    case .nameVariant: "\(one ? "name" : "names") on one side that may be another's on the other"
    case .viewPerson: one ? "person of View 1 is in View 2" : "people of View 1 are in View 2"
    case .viewPair: one ? "pair of View 1 is one of View 2" : "pairs of View 1 are pairs of View 2"
    case .repeatedPair: "\(one ? "pair is" : "pairs appear") twice"
    case .identicalPair: "\(one ? "pair compares" : "pairs compare") a file with its copy"
    case .contradictedLabel:
      "\(one ? "pair has" : "pairs have") a label that contradicts the names"
    case .missingImage:
      "\(one ? "image" : "images") of the lists \(one ? "is" : "are") not in the store"
    case .forgotten: one ? "person was taken out of it" : "people were taken out of it"
    case .wrongLabel: "\(one ? "pair has" : "pairs have") a label that the errata call wrong"
    }
  }
}
