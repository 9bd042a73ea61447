internal import GRDB

extension Catalog {
  /// Returns all protocols of the store by name, or only the named one.
  ///
  /// Pairs are counted row by row, and a protocol may have millions.
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

  /// Returns the number of pairs that the members of a part form, for a protocol that stores no
  /// pairs.
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

  static func part(_ row: Row) -> Part {
    Part(fold: row[0], role: Role(order: row[1]))
  }

  /// Returns the protocol called `name`.
  ///
  /// - Throws: ``CatalogError/noSuchProtocol(name:known:)``.
  public func protocolSummary(_ name: String) throws(CatalogError) -> ProtocolSummary {
    guard let summary = try protocols(named: name).first else {
      throw .noSuchProtocol(name: name, known: try protocols().map(\.name))
    }
    return summary
  }

  /// Returns the names of the protocols with samples that have been replaced.
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
}
