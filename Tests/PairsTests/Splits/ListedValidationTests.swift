import Catalog
import Testing

@testable import Pairs

@Suite("A part of a listed training side for validation")
struct ListedValidationTests {
  /// Thirty people with two images each: a genuine pair of each, and impostor pairs of neighbours in
  /// groups of three.
  private let samples = table([Int](repeating: 2, count: 30))

  private func record() -> ProtocolRecord {
    var pairs = (0..<30).map { Pair(left: 2 * $0, right: 2 * $0 + 1, genuine: true) }
    pairs += (0..<30).map { person in
      Pair(left: 2 * person, right: 2 * (person / 3 * 3 + (person + 1) % 3), genuine: false)
    }
    var record = ProtocolRecord(
      name: "l", kind: "lfw-view1", specification: "{}",
      members: [Part(role: .train): samples.ids], pairs: [Part(role: .train): pairs])
    record.dropped = [Part(role: .train): [3]]
    return record
  }

  private func apply(_ unit: ListedValidation.Unit, _ share: Double = 0.2, seed: Int = 0)
    -> ProtocolRecord
  {
    ListedValidation(share: share, unit: unit, seed: seed).apply(
      to: record(), table: samples, links: [])
  }

  private func people(_ record: ProtocolRecord, _ role: Role) -> Set<Int> {
    Set((record.pairs[Part(role: role)] ?? []).flatMap { [$0.left / 2, $0.right / 2] })
  }

  @Test("by identity loses no pair and shares nobody", arguments: 0..<5)
  func identity(seed: Int) {
    let result = apply(.identity, seed: seed)
    #expect(people(result, .train).isDisjoint(with: people(result, .validation)))
    let (train, validation) = (
      result.pairs[Part(role: .train)] ?? [], result.pairs[Part(role: .validation)] ?? []
    )
    #expect(Set(train + validation) == Set(record().pairs[Part(role: .train)] ?? []))
    // Groups of three people have six pairs: two of ten groups are a fifth.
    #expect(validation.count == 12)
    let members = result.members[Part(role: .validation)] ?? []
    #expect(Set(members.map { $0 / 2 }) == people(result, .validation))
    #expect((result.members[Part(role: .train)] ?? []).count + members.count == 60)
  }

  @Test("by pair takes the share of the pairs, whoever is in them")
  func pair() {
    let result = apply(.pair, 0.25)
    #expect(result.pairs[Part(role: .validation)]?.count == 15)
    #expect(!people(result, .train).isDisjoint(with: people(result, .validation)))
  }

  @Test("keeps the number of every pair in its list", arguments: ListedValidation.Unit.allCases)
  func numbers(unit: ListedValidation.Unit) {
    let (old, new) = (record(), apply(unit))
    var expected: [Pair: Int] = [:]
    let part = Part(role: .train)
    for (pair, number) in zip(old.pairs[part] ?? [], old.numbers(of: part)) {
      expected[pair] = number
    }
    for part in [part, Part(role: .validation)] {
      for (pair, number) in zip(new.pairs[part] ?? [], new.numbers(of: part)) {
        #expect(expected[pair] == number)
      }
    }
    // The number of the pair that was dropped before stays free.
    #expect(!expected.values.contains(3))
  }

  @Test("keeps these numbers without wrong labels", arguments: ListedValidation.Unit.allCases)
  func numbersWithoutErrata(unit: ListedValidation.Unit) {
    let (train, validation) = (Part(role: .train), Part(role: .validation))
    let all = apply(unit)
    let kept = all.withoutErrata([train: [1], validation: [0, 2]])
    for (part, wrong) in [(train, [1]), (validation, [0, 2])] {
      let places = (all.pairs[part] ?? []).indices.filter { !wrong.contains($0) }
      #expect(kept.pairs[part] == places.compactMap { all.pairs[part]?[$0] })
      let numbers = all.numbers(of: part)
      #expect(kept.numbers(of: part) == places.map { numbers[$0] })
    }
  }

  @Test("depends on the seed, and is the same for the same")
  func seeds() {
    #expect(apply(.identity).pairs == apply(.identity).pairs)
    #expect(apply(.identity).pairs != apply(.identity, seed: 1).pairs)
  }

  @Test("keeps people with an image in common on one side")
  func links() {
    let links = [DuplicateLink(kind: .near, later: 59, earlier: 0)]
    for seed in 0..<10 {
      let result = ListedValidation(share: 0.4, unit: .identity, seed: seed).apply(
        to: record(), table: samples, links: links)
      let validating = people(result, .validation)
      #expect(validating.contains(0) == validating.contains(29))
    }
  }
}

@Suite("The selection of samples")
struct SampleSelectionTests {
  @Test("takes people with enough images, and at most so many of each")
  func selects() throws {
    let samples = table([1, 2, 3, 8])
    var selection = SampleSelection()
    #expect(try selection.apply(to: samples).ids == samples.ids)
    selection.minImages = 3
    #expect(try selection.apply(to: samples).identities.map(\.name) == ["p2", "p3"])
    selection.imagesPerIdentity = 4
    let few = try selection.apply(to: samples)
    #expect(few.identities.map(\.samples.count) == [3, 4])
    #expect(try selection.apply(to: samples).ids == few.ids)
    selection.seed = 1
    #expect(try selection.apply(to: samples).ids != few.ids)
    selection.minImages = 9
    #expect(throws: PairError.emptySelection(minImages: 9)) { try selection.apply(to: samples) }
  }
}

@Suite("The tutorial's split over pairs")
struct PairSplitTests {
  @Test("has the tutorial's counts, and the same people on every side")
  func counts() throws {
    let split = PairSplit(
      train: PairSplit.tutorial.train, validation: PairSplit.tutorial.validation, seed: 0)
    let pairs = try split.apply(to: table([Int](repeating: 10, count: 40)))
    // RECIPES, source 001: 20,000 pairs, of which 11,250 / 3,750 / 5,000.
    #expect(pairs[.train]?.count == 11_250 && pairs[.validation]?.count == 3_750)
    #expect(pairs[.test]?.count == 5_000)
    for role in Role.allCases {
      #expect(Set((pairs[role] ?? []).map { $0.left / 10 }).count == 40)
    }
    let genuine = pairs.values.joined().count { $0.genuine }
    #expect(genuine == 10_000)
  }
}
