internal import GRDB

extension Catalog {
  /// Returns the findings of a protocol's audit, in the order of the audit.
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

  /// Returns the figures of a protocol by role.
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
}
