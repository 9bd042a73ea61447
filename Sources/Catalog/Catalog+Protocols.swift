internal import GRDB
import Shards

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
  /// Adds a protocol, all or nothing; one of the same name and content stays as it is.
  ///
  /// - Throws: ``CatalogError/protocolExists(name:)`` when one of that name differs.
  public func add(_ record: ProtocolRecord) throws(CatalogError) {
    if let existing = try protocols().first(where: { $0.name == record.name }) {
      guard existing.kind == record.kind, existing.specification == record.specification,
        try digest(ofProtocol: record.name) == Self.digest(of: record)
      else { throw .protocolExists(name: record.name) }
      return
    }
    try write { database in
      try database.execute(
        sql: "INSERT INTO protocol (name, kind, specification) VALUES (?, ?, ?)",
        arguments: [record.name, record.kind, record.specification])
      let id = database.lastInsertedRowID
      let member = try database.cachedStatement(sql: "INSERT INTO member VALUES (?, ?, ?, ?)")
      for (part, samples) in record.members {
        for sample in samples {
          try member.execute(arguments: [id, part.fold, part.role.rawValue, sample])
        }
      }
      let insert = try database.cachedStatement(
        sql: "INSERT INTO pair VALUES (?, ?, ?, ?, ?, ?, ?)")
      for (part, pairs) in record.pairs {
        for (index, pair) in pairs.enumerated() {
          try insert.execute(arguments: [
            id, part.fold, part.role.rawValue, index + 1, pair.genuine, pair.left, pair.right,
          ])
        }
      }
    }
  }

  /// Every protocol of the store, by name.
  public func protocols() throws(CatalogError) -> [ProtocolSummary] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM protocol ORDER BY name").map { row in
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
        return ProtocolSummary(
          name: row["name"], kind: row["kind"], specification: row["specification"],
          members: members, pairs: pairs)
      }
    }
  }

  private static func part(_ row: Row) -> Part {
    Part(fold: row[0], role: Role(rawValue: row[1]) ?? .test)
  }

  /// The protocol called `name`.
  ///
  /// - Throws: ``CatalogError/noSuchProtocol(name:known:)``.
  public func protocolSummary(_ name: String) throws(CatalogError) -> ProtocolSummary {
    let all = try protocols()
    guard let summary = all.first(where: { $0.name == name }) else {
      throw .noSuchProtocol(name: name, known: all.map(\.name))
    }
    return summary
  }

  /// The ids of the samples in one part of a protocol, ascending.
  public func members(of name: String, _ part: Part) throws(CatalogError) -> [Int] {
    try read { database in
      try Int.fetchAll(
        database,
        sql: """
          SELECT sample FROM member JOIN protocol AS p ON p.id = member.protocol
          WHERE p.name = ? AND fold = ? AND role = ? ORDER BY sample
          """, arguments: [name, part.fold, part.role.rawValue])
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
          """, arguments: [name, part.fold, part.role.rawValue]
      ).map { Pair(left: $0[0], right: $0[1], genuine: $0[2]) }
    }
  }

  /// One digest for a protocol's samples and pairs.
  public func digest(ofProtocol name: String) throws(CatalogError) -> String {
    let summary = try protocolSummary(name)
    var members: [Part: [Int]] = [:]
    for part in summary.members.keys { members[part] = try self.members(of: name, part) }
    var pairs: [Part: [Pair]] = [:]
    for part in summary.pairs.keys { pairs[part] = try self.pairs(of: name, part) }
    return Self.digest(
      of: ProtocolRecord(
        name: name, kind: summary.kind, specification: summary.specification, members: members,
        pairs: pairs))
  }

  private static func digest(of record: ProtocolRecord) -> String {
    var digest = DigestBuilder()
    for (part, samples) in record.members.sorted(by: { $0.key < $1.key }) where !samples.isEmpty {
      digest.update(line: "members \(part.fold) \(part.role.rawValue)")
      for sample in samples.sorted() { digest.update(line: "\(sample)") }
    }
    for (part, pairs) in record.pairs.sorted(by: { $0.key < $1.key }) where !pairs.isEmpty {
      digest.update(line: "pairs \(part.fold) \(part.role.rawValue)")
      for pair in pairs { digest.update(line: "\(pair.left) \(pair.right) \(pair.genuine)") }
    }
    return digest.finalize()
  }
}
