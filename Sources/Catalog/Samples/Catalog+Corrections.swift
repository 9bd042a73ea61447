internal import GRDB

extension Catalog {
  /// Applies corrections in one transaction.
  ///
  /// - Parameter corrections: the corrections, at most one for each image.
  /// - Returns: what changed.
  /// - Throws: ``CatalogError/unknownImage(dataset:path:)``; then nothing is changed.
  public func apply(_ corrections: [Correction]) throws(CatalogError) -> CorrectionSummary {
    try write { database in
      var summary = CorrectionSummary()
      var changed: [Int] = []
      for correction in corrections {
        let state = try Self.state(of: correction, database)
        let identity = correction.identity ?? state.before
        let excludes = correction.action == .exclude
        // Also where only the reason changes.
        try Self.record(correction, state, database)
        guard state.identity != identity || state.isExcluded != excludes else {
          summary.unchanged += 1
          continue
        }
        try Self.set(
          state.id, state.dataset, identity: identity, isExcluded: excludes, database)
        changed.append(state.id)
        switch correction.action {
        case .relabel: summary.relabelled += 1
        case .exclude: summary.excluded += 1
        case .restore: summary.restored += 1
        }
      }
      summary.protocols = try Self.protocols(naming: changed, database)
      if !changed.isEmpty { try Self.forgetDuplicateSearch(database) }
      return summary
    }
  }

  /// A sample before a correction.
  private struct SampleState {
    let id: Int
    let dataset: Int64
    let identity: String
    let isExcluded: Bool
    /// The identity that its path gives.
    let before: String
  }

  private static func state(
    of correction: Correction, _ database: Database
  ) throws -> SampleState {
    let row = try Row.fetchOne(
      database.cachedStatement(
        sql: """
          SELECT s.id, s.dataset, i.name, EXISTS (SELECT 1 FROM excluded WHERE sample = s.id),
            (SELECT before FROM correction WHERE dataset = s.dataset AND path = s.path)
          FROM sample AS s JOIN dataset AS d ON d.id = s.dataset
          JOIN identity AS i ON i.id = s.identity
          WHERE d.name = ? AND s.path = ? AND s.replaced = 0
          """), arguments: [correction.dataset, correction.path])
    guard let row else {
      throw CatalogError.unknownImage(dataset: correction.dataset, path: correction.path)
    }
    return SampleState(
      id: row[0], dataset: row[1], identity: row[2], isExcluded: row[3],
      before: row[4] ?? row[2])
  }

  /// Replaces the stored correction of an image; what is as its path says needs none.
  private static func record(
    _ correction: Correction, _ state: SampleState, _ database: Database
  ) throws {
    try database.execute(
      sql: "DELETE FROM correction WHERE dataset = ? AND path = ?",
      arguments: [state.dataset, correction.path])
    guard correction.action == .exclude || (correction.identity ?? state.before) != state.before
    else { return }
    try database.execute(
      sql: "INSERT INTO correction VALUES (?, ?, ?, ?, ?, ?)",
      arguments: [
        state.dataset, correction.path, correction.action.rawValue, state.before,
        correction.identity, correction.reason,
      ])
  }

  /// Gives a sample an identity, and excludes it or takes that back.
  private static func set(
    _ id: Int, _ dataset: Int64, identity: String, isExcluded: Bool, _ database: Database
  ) throws {
    let identity = try Int64.fetchOne(
      database,
      sql: """
        INSERT INTO identity (dataset, name) VALUES (?, ?)
        ON CONFLICT (dataset, name) DO UPDATE SET name = excluded.name RETURNING id
        """, arguments: [dataset, identity])
    let old = try Int64.fetchOne(
      database, sql: "SELECT identity FROM sample WHERE id = ?", arguments: [id])
    try database.execute(
      sql: "UPDATE sample SET identity = ? WHERE id = ?", arguments: [identity, id])
    try database.execute(
      sql: """
        DELETE FROM identity
        WHERE id = ? AND NOT EXISTS (SELECT 1 FROM sample WHERE sample.identity = ?)
        """, arguments: [old, old])
    // A sample that was dropped as a copy of an excluded one counts again.
    if isExcluded {
      try database.execute(sql: "DELETE FROM dropped WHERE duplicate_of = ?", arguments: [id])
    }
    try database.execute(
      sql: isExcluded
        ? "INSERT OR IGNORE INTO excluded VALUES (?)" : "DELETE FROM excluded WHERE sample = ?",
      arguments: [id])
  }

  /// Applies a stored correction to a sample that was just inserted.
  static func correct(_ sample: Sample, dataset: Int64, _ database: Database) throws {
    let row = try Row.fetchOne(
      database.cachedStatement(
        sql: "SELECT action, identity, before FROM correction WHERE dataset = ? AND path = ?"),
      arguments: [dataset, sample.path])
    guard let row else { return }
    try set(
      sample.id, dataset, identity: row[1] ?? sample.identity, isExcluded: row[0] == "exclude",
      database)
  }

  /// Returns the names of the protocols with pairs or members among these samples, sorted.
  static func protocols(naming ids: [Int], _ database: Database) throws -> [String] {
    guard !ids.isEmpty else { return [] }
    let list = ids.map(String.init).joined(separator: ",")
    return try String.fetchAll(
      database,
      sql: """
        SELECT name FROM protocol WHERE id IN (
          SELECT protocol FROM member WHERE sample IN (\(list))
          UNION SELECT protocol FROM pair
          WHERE left_sample IN (\(list)) OR right_sample IN (\(list)))
        ORDER BY name
        """)
  }

  /// Returns all corrections in force, by dataset and path.
  public func corrections() throws(CatalogError) -> [Correction] {
    guard hasFacts else { return [] }
    return try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT dataset, path, action, before, identity, reason FROM corrections
          ORDER BY dataset, path
          """
      ).compactMap { row in
        Correction.Action(rawValue: row[2]).map {
          Correction(
            dataset: row[0], path: row[1], action: $0, before: row[3], identity: row[4],
            reason: row[5])
        }
      }
    }
  }
}
