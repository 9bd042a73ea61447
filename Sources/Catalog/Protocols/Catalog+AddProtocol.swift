internal import GRDB
internal import GRDBSQLite

extension Catalog {
  /// Adds a protocol with its findings and analyses in one transaction.
  ///
  /// A stored protocol with the same name and content is kept.
  ///
  /// - Parameters:
  ///   - record: the protocol.
  ///   - findings: the findings of the audit.
  ///   - analyses: figures by role.
  ///   - isReplacing: whether to remove a different protocol of the same name first.
  /// - Throws: ``CatalogError/protocolExists(name:differences:)`` if a different protocol has this
  ///   name.
  public func add(
    _ record: ProtocolRecord, findings: [Finding] = [], analyses: [Role: PairAnalysis] = [:],
    isReplacing: Bool = false
  ) throws(CatalogError) {
    if let existing = try protocols(named: record.name).first {
      let differences = try differences(of: record, from: existing)
      guard differences.isEmpty || isReplacing else {
        throw .protocolExists(name: record.name, differences: differences)
      }
      if differences.isEmpty {
        // The findings and analyses may have changed.
        return try write { database in
          let id = try Int64.fetchOne(
            database, sql: "SELECT id FROM protocol WHERE name = ?", arguments: [record.name])
          try Self.insert(findings, analyses, of: id ?? 0, database)
        }
      }
    }
    try write { database in
      try database.execute(
        sql: "DELETE FROM protocol WHERE name = ?", arguments: [record.name])
      try database.execute(
        sql: "INSERT INTO protocol (name, kind, specification) VALUES (?, ?, ?)",
        arguments: [record.name, record.kind, record.specification])
      let id = database.lastInsertedRowID
      try Self.insertMembersAndPairs(of: record, id: id, database)
      try Self.insert(findings, analyses, of: id, database)
    }
  }

  private static func insertMembersAndPairs(
    of record: ProtocolRecord, id: Int64, _ database: Database
  ) throws {
    for (part, samples) in record.members.sorted(by: { $0.key < $1.key }) {
      let member = try BulkInsert(database, table: "member", columns: 4)
      for sample in samples.sorted() {
        try member.insert(Int(id), part.fold, part.role.order, sample)
      }
    }
    for (part, pairs) in record.pairs.sorted(by: { $0.key < $1.key }) {
      let insert = try BulkInsert(database, table: "pair", columns: 7)
      for (pair, number) in zip(pairs, record.numbers(of: part)) {
        try insert.insert(
          Int(id), part.fold, part.role.order, number, pair.genuine ? 1 : 0, pair.left,
          pair.right)
      }
    }
    for (part, missing) in record.missing {
      for pair in missing {
        try database.execute(
          sql: "INSERT INTO missing_pair VALUES (?, ?, ?, ?, ?, ?, ?)",
          arguments: [
            id, part.fold, part.role.order, pair.number, pair.genuine, pair.left, pair.right,
          ])
      }
    }
  }

  /// Removes a protocol with its samples, pairs and findings.
  ///
  /// - Throws: ``CatalogError/noSuchProtocol(name:known:)``.
  public func deleteProtocol(_ name: String) throws(CatalogError) {
    _ = try protocolSummary(name)
    try write { database in
      try database.execute(sql: "DELETE FROM protocol WHERE name = ?", arguments: [name])
    }
  }

  private static func insert(
    _ findings: [Finding], _ analyses: [Role: PairAnalysis], of id: Int64, _ database: Database
  ) throws {
    try database.execute(sql: "DELETE FROM finding WHERE protocol = ?", arguments: [id])
    try database.execute(sql: "DELETE FROM analysis WHERE protocol = ?", arguments: [id])
    for (index, finding) in findings.enumerated() {
      try database.execute(
        sql: "INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          id, index + 1, finding.kind.rawValue, finding.fold, finding.left, finding.right,
          finding.detail,
        ])
    }
    for (role, value) in analyses {
      try database.execute(
        sql: "INSERT INTO analysis VALUES (?, ?, ?)", arguments: [id, role.order, value.json])
    }
  }
}

/// Inserts rows of integers with prepared statements, because a protocol may have millions of rows.
private struct BulkInsert {
  private let statement: Statement

  init(_ database: Database, table: String, columns: Int) throws {
    let places = Array(repeating: "?", count: columns).joined(separator: ", ")
    statement = try database.cachedStatement(sql: "INSERT INTO \(table) VALUES (\(places))")
  }

  func insert(_ values: Int...) throws {
    for (index, value) in values.enumerated() {
      sqlite3_bind_int64(statement.sqliteStatement, Int32(index + 1), Int64(value))
    }
    let code = sqlite3_step(statement.sqliteStatement)
    sqlite3_reset(statement.sqliteStatement)
    guard code == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
  }
}
