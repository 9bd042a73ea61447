import Foundation
internal import GRDB

/// An identity that is being forgotten.
struct ForgottenPerson {
  let identity: Int64
  let dataset: Int64
  let ids: [Int]
  private let name: String
  private let datasetName: String
  /// The ids for SQL.
  private var list: String { ids.map(String.init).joined(separator: ",") }

  init?(_ name: String, dataset: String, _ database: Database) throws {
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT i.id, d.id FROM identity AS i JOIN dataset AS d ON d.id = i.dataset
        WHERE d.name = ? AND i.name = ?
        """, arguments: [dataset, name])
    guard let row else { return nil }
    (identity, self.dataset) = (row[0], row[1])
    ids = try Int.fetchAll(
      database, sql: Catalog.personSQL, arguments: ["identity": identity])
    self.name = name
    datasetName = dataset
  }

  /// A condition in SQL that is true if a path has the name, `:part` with slashes around it, as one of
  /// its parts.
  private static func hasName(_ column: String) -> String {
    "instr('/' || \(column) || '/', :part) > 0"
  }

  private var arguments: StatementArguments { ["part": "/\(name)/"] }

  func namesInPaths(_ database: Database) throws -> Int {
    try Int.fetchOne(
      database,
      sql: """
        SELECT count(*) FROM sample WHERE dataset = \(dataset) AND identity <> \(identity)
          AND id NOT IN (\(list)) AND \(Self.hasName("path"))
        """, arguments: arguments) ?? 0
  }

  /// Returns true if the folder has samples of this person and of no one else.
  func owns(_ folder: String, _ database: Database) throws -> Bool {
    // "0" follows "/" in the order of bytes.
    let range: StatementArguments = [dataset, "\(folder)/", "\(folder)0", identity]
    func exists(_ comparison: String) throws -> Bool {
      try Bool.fetchOne(
        database,
        sql: """
          SELECT EXISTS (SELECT 1 FROM sample
            WHERE dataset = ? AND path >= ? AND path < ? AND identity \(comparison) ?)
          """, arguments: range) ?? false
    }
    return try exists("=") && !exists("<>")
  }

  /// Deletes the pairs, members and findings that name the person, and figures with names, and the name
  /// in the parameters.
  ///
  /// The digest of a protocol changes with its parameters and its pairs: it is another protocol then.
  ///
  /// - Returns: the protocols that lost something.
  func takeOutOfProtocols(_ database: Database) throws -> [String] {
    database.add(function: ListedName.function)
    let isAlone = try isAlone(database)
    var touched: [String] = []
    let protocols = try Row.fetchAll(
      database, sql: "SELECT id, name, kind, specification FROM protocol ORDER BY name")
    for row in protocols {
      let (id, kind, specification): (Int64, String, String) = (row[0], row[2], row[3])
      let pairs = try deletePairs(
        of: id, ways: kind == "one-shot" ? Self.ways(specification) : nil, database)
      let members = try delete("member", "sample IN (\(list))", of: id, database)
      let mentions = try deleteMentions(in: id, isAlone: isAlone, database)
      let wasTested = try isAlone && removeFromTested(specification, of: id, database)
      guard pairs + members + mentions > 0 || wasTested else { continue }
      try database.execute(sql: "DELETE FROM analysis WHERE protocol = ?", arguments: [id])
      try database.execute(
        sql: """
          INSERT INTO finding SELECT ?, coalesce(max(number), 0) + 1, ?, 0, '', '', ?
          FROM finding WHERE protocol = ?
          """,
        arguments: [
          id, Finding.Kind.forgotten.rawValue,
          "\(pairs) pairs and \(members) entries were taken out", id,
        ])
      touched.append(row[1])
    }
    return touched
  }

  /// Whether no other dataset has a person of this name, so that the name alone says who is meant.
  private func isAlone(_ database: Database) throws -> Bool {
    try
      !(Bool.fetchOne(
        database, sql: "SELECT EXISTS (SELECT 1 FROM identity WHERE name = ? AND id <> ?)",
        arguments: [name, identity]) ?? false)
  }

  /// Deletes the missing pairs and the findings of a protocol that name the person.
  ///
  /// The path of an image of somebody else stays, whatever it contains. Where another dataset has a
  /// person of the same name, only the paths of this person's images are known to be meant.
  private func deleteMentions(
    in id: Int64, isAlone: Bool, _ database: Database
  ) throws -> Int {
    func isNamed(_ column: String, kind: String) -> String {
      isAlone
        ? "(names_person(\(column), :name, \(kind)) AND \(column) NOT IN "
          + "(SELECT path FROM sample WHERE id NOT IN (\(list))))"
        : "0"
    }
    let arguments: StatementArguments = isAlone ? ["name": name] : []
    let missing = try delete(
      "missing_pair",
      "(\(isNamed("left_path", kind: "''")) OR \(isNamed("right_path", kind: "''")))", of: id,
      database, arguments)
    let sides = ["\"left\"", "\"right\""].map {
      "\(isNamed($0, kind: "kind")) OR \($0) IN (SELECT path FROM sample WHERE id IN (\(list)))"
    }
    let findings = try delete(
      "finding", "(\(sides.joined(separator: " OR ")))", of: id, database, arguments)
    return missing + findings
  }

  /// Removes the name from the identities that a protocol was asked to test.
  ///
  /// - Returns: whether it was among them.
  private func removeFromTested(
    _ specification: String, of id: Int64, _ database: Database
  ) throws -> Bool {
    guard
      let changed = ProtocolSpecification.removing(testIdentity: name, from: specification)
    else { return false }
    try database.execute(
      sql: "UPDATE protocol SET specification = ? WHERE id = ?", arguments: [changed, id])
    return true
  }

  /// The number of pairs of a one-shot trial.
  private static func ways(_ specification: String) -> Int? {
    let object = try? JSONSerialization.jsonObject(with: Data(specification.utf8))
    return (object as? [String: Any])?["ways"] as? Int
  }

  /// Deletes the pairs with one of the samples; of trials the whole trial.
  private func deletePairs(of id: Int64, ways: Int?, _ database: Database) throws -> Int {
    let own = "(left_sample IN (\(list)) OR right_sample IN (\(list)))"
    guard let ways, ways > 0 else { return try delete("pair", own, of: id, database) }
    return try delete(
      "pair",
      """
      (fold, role, (number - 1) / \(ways)) IN (
        SELECT fold, role, (number - 1) / \(ways) FROM pair WHERE protocol = \(id) AND \(own))
      """, of: id, database)
  }

  private func delete(
    _ table: String, _ condition: String, of id: Int64, _ database: Database,
    _ arguments: StatementArguments = StatementArguments()
  ) throws -> Int {
    try database.execute(
      sql: "DELETE FROM \(table) WHERE protocol = \(id) AND \(condition)", arguments: arguments)
    return database.changesCount
  }

  /// Keeps the digests by which a later ingest knows the person and the pictures.
  func leaveTombstones(_ database: Database) throws {
    let paths = try String.fetchAll(
      database, sql: "SELECT DISTINCT path FROM sample WHERE id IN (\(list))")
    for digest in [Catalog.tombstone(dataset: datasetName, identity: name)]
      + paths.map({ Catalog.tombstone(dataset: datasetName, path: $0) })
    {
      try database.execute(
        sql: "INSERT OR IGNORE INTO forgotten VALUES (?)", arguments: [digest])
    }
  }

  func deleteEvidence(_ database: Database) throws {
    for table in ["same_picture", "near_duplicate", "uncompared"] {
      try database.execute(
        sql: "DELETE FROM \(table) WHERE sample IN (\(list)) OR earlier IN (\(list))")
    }
    // A sample that was dropped as a copy of one of these counts again.
    try database.execute(
      sql: "DELETE FROM dropped WHERE sample IN (\(list)) OR duplicate_of IN (\(list))")
    for table in ["crop", "truncated_search", "excluded"] {
      try database.execute(sql: "DELETE FROM \(table) WHERE sample IN (\(list))")
    }
    try database.execute(
      sql: """
        DELETE FROM correction WHERE dataset = ? AND (before = ? OR identity = ?
          OR path IN (SELECT path FROM sample WHERE id IN (\(list))))
        """, arguments: [dataset, name, name])
  }

  /// Removes the content of the person's rows, and the name.
  func blankRows(_ blank: String, _ database: Database) throws {
    let nobody = try Int64.fetchOne(
      database,
      sql: """
        INSERT INTO identity (dataset, name) VALUES (?, ?)
        ON CONFLICT (dataset, name) DO UPDATE SET name = excluded.name RETURNING id
        """, arguments: [dataset, Catalog.nobody])
    try database.execute(
      sql: """
        UPDATE sample SET identity = ?, pose = NULL, number = NULL, path = 'forgotten/' || id,
          sha256 = ?, bytes = 1, modified = 0, width = 1, height = 1, pixels_sha256 = ?,
          perceptual_hash = 0, fiducials = NULL, replaced = 1, format = NULL, channels = NULL,
          orientation = NULL, brightness = NULL, contrast = NULL, sharpness = NULL
        WHERE id IN (\(list))
        """, arguments: [nobody, Catalog.noDigest, blank])
    try database.execute(sql: "DELETE FROM identity WHERE id = ?", arguments: [identity])
  }
}
