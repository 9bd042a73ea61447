internal import GRDB

extension Catalog {
  /// Returns the ids of the samples in one part of a protocol, ascending.
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

  /// Returns the numbers of the pairs in one part of a protocol, ascending.
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

  /// Returns the pairs in one part of a protocol, in order.
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

  /// Returns the pairs of a protocol that cannot be compared, by part.
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
}
