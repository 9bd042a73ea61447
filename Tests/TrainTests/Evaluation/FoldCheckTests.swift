import Catalog
import Pairs
import TestSupport
import Testing

@testable import Train

/// What is checked of a protocol's folds before any training, over eight drawn people.
@Suite("The folds of a cross-validation", .serialized)
struct FoldCheckTests {
  private let faces: SmallFaces

  init() async throws { faces = try await SmallFaces() }

  @Test("refuses folds that share people, before it trains")
  func sharedPeople() throws {
    let ids = try SampleTable(faces.catalog).ids
    // Three images of each person: the second fold has an image of the first fold's last person.
    func pairs(_ first: Int) -> [Pair] {
      [
        Pair(left: ids[first], right: ids[first + 1], genuine: true),
        Pair(left: ids[first], right: ids[first + 3], genuine: false),
      ]
    }
    let (one, two) = (Part(fold: 1, role: .test), Part(fold: 2, role: .test))
    try faces.catalog.add(
      ProtocolRecord(
        name: "shared", kind: "list", specification: "{}",
        members: [one: Array(ids[0..<6]), two: Array(ids[5..<12])],
        pairs: [one: pairs(0), two: pairs(6)]))
    for mode in TrainingData.Fold.Mode.allCases {
      func data() throws -> TrainingData {
        try TrainingData(
          StoreSet([faces.catalog]), protocolName: "shared",
          fold: .init(tested: 1, validation: nil, mode: mode))
      }
      // Of the pairs alone nobody is in both.
      if mode == .restricted {
        _ = try data()
      } else {
        #expect(throws: TrainError.self) { try data() }
      }
    }
  }

  @Test("refuses folds before the first training, whichever of them share people or lack a kind")
  func checked() throws {
    let ids = try SampleTable(faces.catalog).ids
    // Two people with three images each in every fold.
    func add(_ name: String, _ members: [[Int]], kinds: [[Bool]]) throws {
      let parts = members.indices.map { Part(fold: $0 + 1, role: .test) }
      try faces.catalog.add(
        ProtocolRecord(
          name: name, kind: "list", specification: "{}",
          members: Dictionary(uniqueKeysWithValues: zip(parts, members)),
          pairs: Dictionary(
            uniqueKeysWithValues: parts.enumerated().map { place, part in
              let own = members[place]
              return (
                part,
                kinds[place].map { Pair(left: own[0], right: own[$0 ? 1 : 3], genuine: $0) }
              )
            })))
    }
    func training(_ name: String, _ mode: TrainingData.Fold.Mode = .unrestricted) throws
      -> FoldTraining
    {
      FoldTraining(
        recipe: try SmallFaces.recipe(), catalog: faces.catalog, protocolName: name, mode: mode,
        holdsOut: true, folder: faces.scratch.file("cv"))
    }
    let whole = (0..<4).map { Array(ids[6 * $0..<6 * $0 + 6]) }
    let both = [[Bool]](repeating: [true, false], count: 4)
    try add("whole", whole, kinds: both)
    try training("whole").checkFolds()

    // The last two folds share a person: no test of the first fold would show it.
    var shared = whole
    shared[2].append(ids[23])
    try add("shared", shared, kinds: both)
    #expect(throws: TrainError.self) { try training("shared").checkFolds() }
    // Only members share it, which restricted mode does not use.
    try training("shared", .restricted).checkFolds()
    #expect(throws: TrainError.self) {
      try TrainingData(
        StoreSet([faces.catalog]), protocolName: "shared",
        fold: .init(tested: 1, validation: 3, mode: .unrestricted))
    }
    #expect(throws: TrainError.self) {
      try TrainingData(
        StoreSet([faces.catalog]), protocolName: "shared",
        fold: .init(tested: 4, validation: 3, mode: .unrestricted))
    }

    try add("one kind", whole, kinds: both.dropLast() + [[true]])
    #expect(throws: TrainError.self) { try training("one kind").checkFolds() }
    #expect(throws: TrainError.self) { try training("whole").checkFolds(of: "one kind") }

    // People are known although images of them, in two folds, were dropped since.
    try add("same", whole, kinds: both)
    try faces.drop([ids[0], ids[12]].map { try #require(faces.catalog.images([$0])[$0]).path })
    #expect(try SampleTable(faces.catalog).ids.count == ids.count - 2)
    try training("whole").checkFolds()
    try training("whole").checkFolds(of: "same")
  }
}
