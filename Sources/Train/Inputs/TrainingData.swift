import Catalog
import Pairs

/// The sides of a protocol that a training may see: the training side and the validation side.
public struct TrainingData: Sendable {
  /// The stores.
  public let stores: StoreSet
  /// The name of the protocol, the same in every store.
  public let protocolName: String
  /// The samples that are trained on.
  public let training: SampleTable
  /// The samples of the validation side; empty if the protocol has none.
  public let validation: SampleTable
  /// The training pairs that the protocol lists.
  let listed: [Pair]
  /// The validation pairs that the protocol lists.
  let validationPairs: [Pair]
  /// The fold that is left out, and what may be used of the others; `nil` for a protocol with a
  /// training side.
  let fold: Fold?

  /// The use of a protocol's folds.
  public struct Fold: Sendable, Equatable, Codable {
    /// What may be used of the training folds.
    public enum Mode: String, Sendable, Codable, CaseIterable {
      /// Their pairs only; who is in an image is not known beyond that.
      case restricted
      /// All images of their people, with their identities.
      case unrestricted
    }

    /// The fold that is tested, from 1.
    public let tested: Int
    /// The fold that validates; `nil` for none.
    public let validation: Int?
    /// What may be used of the others.
    public let mode: Mode

    /// Creates a description of the use of folds.
    public init(tested: Int, validation: Int?, mode: Mode) {
      self.tested = tested
      self.validation = validation
      self.mode = mode
    }
  }

  /// Reads the training and the validation side of a protocol.
  ///
  /// - Parameters:
  ///   - stores: the stores; each must have the protocol.
  ///   - protocolName: the name of the protocol.
  /// - Throws: ``TrainError/nothingToTrain(protocol:)`` if there is no training side.
  public init(_ stores: StoreSet, protocolName: String) throws {
    self.stores = stores
    self.protocolName = protocolName
    fold = nil
    training = try Self.table(stores) { catalog in
      Set(try catalog.members(of: protocolName, Part(role: .train)))
    }
    validation = try Self.table(stores) { catalog in
      Set(try catalog.members(of: protocolName, Part(role: .validation)))
    }
    listed = try Self.pairs(stores, protocolName) { $0 == Part(role: .train) }
    validationPairs = try Self.pairs(stores, protocolName) { $0 == Part(role: .validation) }
    guard !training.ids.isEmpty else { throw TrainError.nothingToTrain(protocol: protocolName) }
  }

  /// Reads the folds of a protocol other than the tested one.
  ///
  /// - Parameters:
  ///   - stores: the stores.
  ///   - protocolName: the name of the protocol.
  ///   - fold: the use of the folds.
  /// - Throws: ``TrainError``; also if people of the tested or of the validation fold are in other folds.
  public init(_ stores: StoreSet, protocolName: String, fold: Fold) throws {
    self.stores = stores
    self.protocolName = protocolName
    self.fold = fold
    func isTraining(_ part: Part) -> Bool {
      part.role == .test && part.fold != fold.tested && part.fold != fold.validation
    }
    func isValidation(_ part: Part) -> Bool {
      part.role == .test && part.fold == fold.validation
    }
    listed = try Self.pairs(stores, protocolName, where: isTraining)
    validationPairs = try Self.pairs(stores, protocolName, where: isValidation)
    func side(_ isWanted: (Part) -> Bool, _ pairs: [Pair]) throws -> SampleTable {
      guard fold.mode == .unrestricted else {
        let used = Set(pairs.flatMap { [$0.left, $0.right] })
        return try Self.table(stores) { _ in nil }.restricted(to: used)
      }
      return try Self.table(stores) { catalog in
        var members: Set<Int> = []
        for part in try catalog.protocolSummary(protocolName).members.keys where isWanted(part) {
          members.formUnion(try catalog.members(of: protocolName, part))
        }
        return members
      }
    }
    training = try side(isTraining, listed)
    func isTested(_ part: Part) -> Bool { part.role == .test && part.fold == fold.tested }
    let tested = try side(isTested, Self.pairs(stores, protocolName, where: isTested))
    validation = try side(isValidation, validationPairs)
    for (one, other) in [(training, tested), (validation, tested), (training, validation)] {
      try Self.refuseShared(one, with: other, protocolName)
    }
    guard !training.ids.isEmpty else { throw TrainError.nothingToTrain(protocol: protocolName) }
  }

  /// Whether the protocol tests the people that it trains on, by design.
  var isClosedSet: Bool {
    get throws {
      try stores.catalogs.allSatisfy { catalog in
        try ClosedSet.contains(try catalog.protocolSummary(protocolName), catalog)
      }
    }
  }

  /// Number of people on the training and the validation side who are not on both in the same stores; 0
  /// for one store, where a protocol may mean it, and for a closed set.
  ///
  /// - Throws: `CatalogError`.
  func peopleInSeveralStores() throws -> Int {
    guard stores.catalogs.count > 1, !validation.ids.isEmpty, try !isClosedSet else { return 0 }
    func people(_ table: SampleTable) -> [DatasetPerson: Set<Int>] {
      var stores: [DatasetPerson: Set<Int>] = [:]
      for identity in table.identities {
        stores[Self.person(identity), default: []].formUnion(
          identity.samples.map { StoreSet.split(table.ids[$0]).store })
      }
      return stores
    }
    let validating = people(validation)
    return people(training).count { person, own in
      validating[person].map { $0 != own } ?? false
    }
  }

  private static func person(_ identity: SampleTable.Identity) -> DatasetPerson {
    DatasetPerson(dataset: UTF8Key(identity.dataset), identity: UTF8Key(identity.name))
  }

  /// Throws if people are on two sides.
  private static func refuseShared(
    _ one: SampleTable, with other: SampleTable, _ name: String
  ) throws {
    let shared = Set(one.identities.map(person)).intersection(other.identities.map(person)).count
    guard shared == 0 else {
      throw TrainError.sharedFolds(protocol: name, identities: shared)
    }
  }

  /// The samples of all stores in one table; those of the same person of a dataset stand together.
  ///
  /// - Parameters:
  ///   - stores: the stores.
  ///   - members: returns the wanted samples of a store; `nil` for all.
  /// - Returns: the table.
  /// - Throws: `CatalogError`.
  private static func table(
    _ stores: StoreSet, members: (Catalog) throws -> Set<Int>?
  ) throws -> SampleTable {
    var tables: [SampleTable] = []
    for catalog in stores.catalogs {
      let table = try SampleTable(catalog)
      tables.append(try members(catalog).map { table.restricted(to: $0) } ?? table)
    }
    guard tables.count > 1 else { return tables[0] }
    return SampleTable(merging: tables) { StoreSet.id($0, store: $1) }
  }

  private static func pairs(
    _ stores: StoreSet, _ name: String, where isWanted: (Part) -> Bool
  ) throws -> [Pair] {
    var all: [Pair] = []
    for (store, catalog) in stores.catalogs.enumerated() {
      for part in try catalog.protocolSummary(name).pairs.keys.sorted() where isWanted(part) {
        all += StoreSet.pairs(try catalog.pairs(of: name, part), store: store)
      }
    }
    return all
  }
}
