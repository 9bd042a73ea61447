internal import GRDB

/// A protocol without its samples and pairs.
public struct ProtocolSummary: Sendable, Equatable {
  /// Its name.
  public let name: String
  /// What made it.
  public let kind: String
  /// How it was made, as JSON.
  public let specification: String
  /// How many samples each part has.
  public let members: [Part: Int]
  /// How many genuine and impostor pairs each part has.
  public let pairs: [Part: (genuine: Int, impostor: Int)]

  /// Whether both were made the same way under one name.
  public static func == (left: ProtocolSummary, right: ProtocolSummary) -> Bool {
    left.name == right.name && left.specification == right.specification
  }
}

extension Catalog {
  /// What the audit of a protocol found, in its order.
  public func findings(of name: String) throws(CatalogError) -> [Finding] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT f.kind, f.fold, f."left", f."right", f.detail
          FROM finding AS f JOIN protocol AS p ON p.id = f.protocol
          WHERE p.name = ? ORDER BY f.number
          """, arguments: [name]
      ).compactMap { row in
        Finding.Kind(rawValue: row[0]).map {
          Finding(kind: $0, fold: row[1], left: row[2], right: row[3], detail: row[4])
        }
      }
    }
  }

  /// The figures of a protocol by role.
  public func analyses(of name: String) throws(CatalogError) -> [Role: PairAnalysis] {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT role, value FROM analysis JOIN protocol AS p ON p.id = analysis.protocol
          WHERE p.name = ?
          """, arguments: [name])
      return Dictionary(
        uniqueKeysWithValues: rows.compactMap { row in
          PairAnalysis(json: row[1]).map { (Role(order: row[0]), $0) }
        })
    }
  }

  /// The pairs of a protocol that cannot be compared, by part.
  public func missingPairs(of name: String) throws(CatalogError) -> [Part: [MissingPair]] {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT fold, role, number, genuine, left_path, right_path
          FROM missing_pair AS m JOIN protocol AS p ON p.id = m.protocol
          WHERE p.name = ? ORDER BY fold, role, number
          """, arguments: [name])
      return Dictionary(
        grouping: rows.map { row in
          (
            Self.part(row),
            MissingPair(number: row[2], genuine: row[3], left: row[4], right: row[5])
          )
        }, by: \.0
      ).mapValues { $0.map(\.1) }
    }
  }

  /// Every protocol of the store, by name, or the one of that name alone: pairs are counted one by
  /// one, and there may be millions.
  public func protocols(named name: String? = nil) throws(CatalogError) -> [ProtocolSummary] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT * FROM protocol WHERE :name IS NULL OR name = :name ORDER BY name",
        arguments: ["name": name]
      ).map { row in
        let id: Int64 = row["id"]
        var members: [Part: Int] = [:]
        let memberSQL = "SELECT fold, role, count(*) FROM member WHERE protocol = ? GROUP BY 1, 2"
        for row in try Row.fetchAll(database, sql: memberSQL, arguments: [id]) {
          members[Self.part(row)] = row[2]
        }
        var pairs: [Part: (genuine: Int, impostor: Int)] = [:]
        let pairSQL = """
          SELECT fold, role, sum(genuine), count(*) - sum(genuine) FROM pair
          WHERE protocol = ? GROUP BY 1, 2
          """
        for row in try Row.fetchAll(database, sql: pairSQL, arguments: [id]) {
          pairs[Self.part(row)] = (row[2], row[3])
        }
        if row["kind"] == "all" {
          for part in members.keys { pairs[part] = try Self.allPairs(of: id, part, database) }
        }
        return ProtocolSummary(
          name: row["name"], kind: row["kind"], specification: row["specification"],
          members: members, pairs: pairs)
      }
    }
  }

  /// How many pairs the members of a part form, for a protocol that stores none.
  private static func allPairs(
    of id: Int64, _ part: Part, _ database: Database
  ) throws -> (genuine: Int, impostor: Int) {
    let counts = try Int.fetchAll(
      database,
      sql: """
        SELECT count(*) FROM member JOIN sample ON sample.id = member.sample
        WHERE protocol = ? AND fold = ? AND role = ? GROUP BY sample.identity
        """, arguments: [id, part.fold, part.role.order])
    let (samples, genuine) = counts.reduce((0, 0)) { ($0.0 + $1, $0.1 + $1 * ($1 - 1) / 2) }
    return (genuine, samples * (samples - 1) / 2 - genuine)
  }

  private static func part(_ row: Row) -> Part {
    Part(fold: row[0], role: Role(order: row[1]))
  }

  /// The protocol called `name`.
  ///
  /// - Throws: ``CatalogError/noSuchProtocol(name:known:)``.
  public func protocolSummary(_ name: String) throws(CatalogError) -> ProtocolSummary {
    guard let summary = try protocols(named: name).first else {
      throw .noSuchProtocol(name: name, known: try protocols().map(\.name))
    }
    return summary
  }

  /// The names of the protocols that have samples which were replaced since.
  public func protocolsWithReplacedSamples() throws(CatalogError) -> [String] {
    try read { database in
      try String.fetchAll(
        database,
        sql: """
          SELECT name FROM protocol AS p
          WHERE EXISTS (SELECT 1 FROM sample WHERE replaced = 1) AND EXISTS (
            SELECT 1 FROM member JOIN sample ON sample.id = member.sample
            WHERE member.protocol = p.id AND sample.replaced = 1)
          ORDER BY name
          """)
    }
  }

  /// The ids of the samples in one part of a protocol, ascending.
  public func members(of name: String, _ part: Part) throws(CatalogError) -> [Int] {
    try read { database in
      try Int.fetchAll(
        database,
        sql: """
          SELECT sample FROM member JOIN protocol AS p ON p.id = member.protocol
          WHERE p.name = ? AND fold = ? AND role = ? ORDER BY sample
          """, arguments: [name, part.fold, part.role.order])
    }
  }

  /// The numbers of the pairs in one part of a protocol, ascending.
  func numbers(of name: String, _ part: Part) throws(CatalogError) -> [Int] {
    try read { database in
      try Int.fetchAll(
        database,
        sql: """
          SELECT pair.number FROM pair JOIN protocol AS p ON p.id = pair.protocol
          WHERE p.name = ? AND fold = ? AND role = ? ORDER BY pair.number
          """, arguments: [name, part.fold, part.role.order])
    }
  }

  /// The pairs in one part of a protocol, in their order.
  public func pairs(of name: String, _ part: Part) throws(CatalogError) -> [Pair] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT left_sample, right_sample, genuine
          FROM pair JOIN protocol AS p ON p.id = pair.protocol
          WHERE p.name = ? AND fold = ? AND role = ? ORDER BY pair.number
          """, arguments: [name, part.fold, part.role.order]
      ).map { Pair(left: $0[0], right: $0[1], genuine: $0[2]) }
    }
  }
}
