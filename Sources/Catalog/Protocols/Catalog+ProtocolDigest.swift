import Foundation
import Shards

extension Catalog {
  /// Returns a digest of a protocol: its kind, specification, samples, pairs and missing pairs.
  ///
  /// The digest is SHA-256 over these lines: `kind` and `specification`; for each part, by fold and
  /// role, a line `members FOLD ROLE` and one line per sample id, ascending; for each part a line
  /// `pairs FOLD ROLE` and one line per pair, "NUMBER LEFT RIGHT GENUINE"; for each part a line
  /// `missing FOLD ROLE` and one line per pair, "NUMBER GENUINE LENGTH:LEFT LENGTH:RIGHT" with the
  /// lengths of the paths in bytes. Parts without rows have no lines. GENUINE is 1 or 0.
  public func digest(ofProtocol name: String) throws(CatalogError) -> String {
    let summary = try protocolSummary(name)
    var digest = ProtocolDigest(kind: summary.kind, specification: summary.specification)
    for part in summary.members.keys.sorted() {
      digest.add(members: try members(of: name, part), part)
    }
    for part in summary.pairs.keys.sorted() {
      digest.add(pairs: try pairs(of: name, part), try numbers(of: name, part), part)
    }
    for (part, missing) in try missingPairs(of: name).sorted(by: { $0.key < $1.key }) {
      digest.add(missing: missing, part)
    }
    return digest.finalize()
  }

  static func digest(of record: ProtocolRecord) -> String {
    var digest = ProtocolDigest(kind: record.kind, specification: record.specification)
    for (part, samples) in record.members.sorted(by: { $0.key < $1.key }) {
      digest.add(members: samples.sorted(), part)
    }
    for (part, pairs) in record.pairs.sorted(by: { $0.key < $1.key }) {
      digest.add(pairs: pairs, record.numbers(of: part), part)
    }
    for (part, missing) in record.missing.sorted(by: { $0.key < $1.key }) {
      digest.add(missing: missing.sorted { $0.number < $1.number }, part)
    }
    return digest.finalize()
  }

  /// Describes the differences between a protocol and the stored one of the same name; empty if
  /// both are the same.
  func differences(
    of record: ProtocolRecord, from existing: ProtocolSummary
  ) throws(CatalogError) -> [String] {
    if try digest(ofProtocol: record.name) == Self.digest(of: record) { return [] }
    var differences: [String] = []
    if existing.kind != record.kind {
      differences.append("it is a \(existing.kind), not a \(record.kind)")
    }
    differences += Self.differences(existing.specification, record.specification)
    func counts(_ members: some Sequence<Int>, _ pairs: some Sequence<Int>) -> [Int] {
      [members.reduce(0, +), pairs.reduce(0, +)]
    }
    let old = counts(
      existing.members.values,
      existing.kind == "all" ? [] : existing.pairs.values.map { $0.genuine + $0.impostor })
    let new = counts(record.members.values.map(\.count), record.pairs.values.map(\.count))
    for (place, what) in ["images", "pairs"].enumerated() where old[place] != new[place] {
      differences.append("it has \(old[place]) \(what), not \(new[place])")
    }
    return differences.isEmpty ? ["other samples or pairs of the same number"] : differences
  }

  /// Returns the keys in which two specifications differ, with both values.
  private static func differences(_ old: String, _ new: String) -> [String] {
    func values(_ json: String) -> [String: Any] {
      let object = try? JSONSerialization.jsonObject(with: Data(json.utf8))
      return object as? [String: Any] ?? [:]
    }
    let (old, new) = (values(old), values(new))
    func word(_ value: Any?) -> String {
      value.map { "\($0)".replacing("\n", with: " ") } ?? "none"
    }
    return Set(old.keys).union(new.keys).sorted().filter { word(old[$0]) != word(new[$0]) }.map {
      "its \($0) is \(word(old[$0])), not \(word(new[$0]))"
    }
  }
}

/// Computes the digest of a protocol, part by part.
private struct ProtocolDigest {
  private var digest = DigestBuilder()

  init(kind: String, specification: String) {
    digest.update(line: kind)
    digest.update(line: specification)
  }

  mutating func add(members: [Int], _ part: Part) {
    guard !members.isEmpty else { return }
    digest.update(line: "members \(part.fold) \(part.role.rawValue)")
    for sample in members { digest.update(line: "\(sample)") }
  }

  mutating func add(pairs: [Pair], _ numbers: [Int], _ part: Part) {
    guard !pairs.isEmpty else { return }
    digest.update(line: "pairs \(part.fold) \(part.role.rawValue)")
    for (pair, number) in zip(pairs, numbers) {
      digest.update(line: "\(number) \(pair.left) \(pair.right) \(pair.genuine ? 1 : 0)")
    }
  }

  mutating func add(missing: [MissingPair], _ part: Part) {
    guard !missing.isEmpty else { return }
    digest.update(line: "missing \(part.fold) \(part.role.rawValue)")
    for pair in missing {
      digest.update(
        line: "\(pair.number) \(pair.genuine ? 1 : 0) \(pair.left.utf8.count):\(pair.left) "
          + "\(pair.right.utf8.count):\(pair.right)")
    }
  }

  func finalize() -> String { digest.finalize() }
}
