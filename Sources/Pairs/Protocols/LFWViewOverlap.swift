import Catalog

/// The pairs of both views.
public struct LFWViewOverlap: Sendable {
  /// The pairs of View 1 by role.
  public let development: [Role: [NamedPair]]
  /// The pairs of View 2.
  public let reporting: [NamedPair]

  /// The people and images that View 1 has in common with View 2.
  public var findings: [Finding] {
    var findings: [Finding] = []
    let people = Set(reporting.flatMap { [$0.left.name, $0.right.name] })
    let pairs = Set(reporting.map { Set([$0.left, $0.right]) })
    for role in Role.allCases {
      guard let list = development[role] else { continue }
      let shared = Set(list.flatMap { [$0.left.name, $0.right.name] }).intersection(people)
      for name in shared.sorted() {
        findings.append(
          Finding(
            kind: .viewPerson, left: name, right: name, detail: "View 1 \(role.rawValue)"))
      }
      for pair in list where pairs.contains([pair.left, pair.right]) {
        findings.append(
          Finding(
            kind: .viewPair, left: pair.left.path, right: pair.right.path,
            detail: "View 1 \(role.rawValue)"))
      }
    }
    return findings
  }
}
