import Catalog

/// The protocols of Labeled Faces in the Wild.
///
/// View 1 is for model selection. View 2 is for reporting results: ten folds of 300 genuine and 300
/// impostor pairs, identity-disjoint. Source: G. B. Huang and others, Technical Report 07-49,
/// University of Massachusetts, 2007.
public struct LFWProtocols: Sendable {
  /// The name of these protocols in the manifests of datasets with LFW's images.
  public static let protocols = "lfw"

  private let index: ImageIndex
  private var lists: OfficialLists
  private let allowMissing: Bool

  /// Creates the protocols over the samples of a store.
  public init(_ index: ImageIndex, lists: OfficialLists, allowMissing: Bool) {
    self.index = index
    self.lists = lists
    self.allowMissing = allowMissing
  }

  /// The missing lists of people; the samples of such a side are only the images of its pairs.
  public private(set) var absentPeople: [String] = []

  /// For every list that was read, how it compares with the published one.
  public var statuses: [String: ListFile.Status] { lists.statuses }

  /// How a protocol was made, as stored in the catalog.
  private struct Specification: Encodable {
    let view: Int
    let lists: [String: ListFile.Status]
    let allowMissing: Bool
    /// The part of View 1's training side that validates; `nil` for none.
    var validation: Double?
    var validationBy: ListedValidation.Unit?
    var seed: Int?
  }

  /// View 1: the roles train and test, from the ``NamedPairList`` files pairsDevTrain.txt and
  /// pairsDevTest.txt.
  ///
  /// The samples of each role are all samples of the people in its list of people, or those of its
  /// pairs if that list is missing.
  ///
  /// - Parameter validation: the part of the training side that will be set apart for validation,
  ///   which is recorded with the protocol.
  /// - Returns: the protocol.
  /// - Throws: ``ListError`` or ``PairError``.
  public mutating func view1(validation: ListedValidation? = nil) throws -> ProtocolRecord {
    let roles: [(role: Role, suffix: String, header: String)] = [
      (.train, "DevTrain", "1100"), (.test, "DevTest", "500"),
    ]
    var people: [Role: PeopleList] = [:]
    var counts: [String: Int] = [:]
    var lists: [Role: NamedPairList] = [:]
    for role in roles {
      let name = "people\(role.suffix).txt"
      if self.lists.has(name) {
        people[role.role] = try self.lists.people(name)
      } else {
        absentPeople.append(name)
      }
    }
    if people.count == 2 { counts = Self.counts(Array(people.values)) }
    for role in roles {
      lists[role.role] = try self.lists.pairs(
        "pairs\(role.suffix).txt", lostHeader: role.header, people: counts)
    }
    var resolver = PairResolver()
    for (role, _, _) in roles {
      for pair in lists[role]?.folds.joined() ?? [[]].joined() {
        add(pair, to: &resolver, Part(role: role))
      }
    }
    return try record(
      1, resolver, validation: validation,
      members: people.mapValues { $0.sets.flatMap(\.self) }.reduce(
        into: [:]) { $0[Part(role: $1.key)] = $1.value })
  }

  /// View 2: the ten folds of pairs.txt, each with role test.
  ///
  /// A fold has no training role: the other nine folds train. The samples of a fold are all samples
  /// of its set in people.txt, or those of its pairs if that list is missing.
  public mutating func view2() throws -> ProtocolRecord {
    var people: PeopleList?
    if lists.has("people.txt") {
      people = try lists.people("people.txt")
    } else {
      absentPeople.append("people.txt")
    }
    let list = try lists.pairs(
      "pairs.txt", lostHeader: "10\t300", people: people.map { Self.counts([$0]) } ?? [:])
    var resolver = PairResolver()
    for (fold, pairs) in list.folds.enumerated() {
      for pair in pairs { add(pair, to: &resolver, Part(fold: fold + 1, role: .test)) }
    }
    var members: [Part: [PeopleList.Person]] = [:]
    for (fold, set) in (people?.sets ?? []).enumerated() {
      members[Part(fold: fold + 1, role: .test)] = set
    }
    return try record(2, resolver, members: members)
  }

  /// The list that a view requires.
  static func mainList(ofView view: Int) -> String {
    view == 1 ? "pairsDevTrain.txt" : "pairs.txt"
  }

  /// Reads the pairs of both views, to find what they have in common.
  ///
  /// - Throws: ``ListError`` for the first list that is missing or not official. With one view
  ///   alone no overlap would be found.
  public func views() throws(ListError) -> LFWViewOverlap {
    var lists = self.lists
    func pairs(_ name: String, _ header: String) throws(ListError) -> [NamedPair] {
      try Array(lists.pairs(name, lostHeader: header, people: [:]).folds.joined())
    }
    return LFWViewOverlap(
      development: [
        .train: try pairs("pairsDevTrain.txt", "1100"), .test: try pairs("pairsDevTest.txt", "500"),
      ], reporting: try pairs("pairs.txt", "10\t300"))
  }

  /// Describes the position in the official list of pair `number` of a part.
  public static func line(_ part: Part, _ number: Int) -> String {
    // One line precedes the pairs.
    guard part.fold == 0 else { return "pairs.txt line \(1 + 600 * (part.fold - 1) + number)" }
    return "pairsDev\(part.role == .test ? "Test" : "Train").txt line \(1 + number)"
  }

  private static func counts(_ lists: [PeopleList]) -> [String: Int] {
    Dictionary(
      lists.flatMap(\.sets).flatMap(\.self).map { ($0.name, $0.images) },
      uniquingKeysWith: { max($0, $1) })
  }

  private func add(_ pair: NamedPair, to resolver: inout PairResolver, _ part: Part) {
    resolver.add(
      part, genuine: pair.genuine, left: (index.id(pair.left), pair.left.path),
      right: (index.id(pair.right), pair.right.path))
  }

  private func record(
    _ view: Int, _ resolver: PairResolver, validation: ListedValidation? = nil,
    members people: [Part: [PeopleList.Person]]
  ) throws(PairError) -> ProtocolRecord {
    var resolver = resolver
    for person in people.values.joined() {
      for number in 1...person.images {
        let image = NamedImage(name: person.name, number: number)
        resolver.add(image: image.path, id: index.id(image))
      }
    }
    try resolver.check(allowMissing: allowMissing)
    let specification = Specification(
      view: view, lists: lists.statuses, allowMissing: !resolver.missingImages.isEmpty,
      validation: validation?.share, validationBy: validation?.unit, seed: validation?.seed)
    var members = people.mapValues { $0.flatMap { index.ids(of: $0.name) } }
    for (part, pairs) in resolver.pairs where members[part] == nil {
      members[part] = Set(pairs.flatMap { [$0.left, $0.right] }).sorted()
    }
    var record = ProtocolRecord(
      name: "lfw-view\(view)", kind: "lfw-view\(view)", specification: specification.sortedJSON,
      members: members, pairs: resolver.pairs, missing: resolver.missing)
    record.missingImages = resolver.missingImages
    return record
  }
}
