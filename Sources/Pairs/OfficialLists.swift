import Catalog
import Foundation

/// The official lists of a dataset in one folder, read as they are asked for.
public struct OfficialLists: Sendable {
  /// The folder.
  public let folder: String
  /// The MD5 of the official files, by name.
  private let digests: [String: String]
  /// How every file that was read compares with the official one.
  public private(set) var statuses: [String: ListFile.Status] = [:]

  /// The lists in `folder`.
  ///
  /// - Parameters:
  ///   - folder: where they lie.
  ///   - digests: the MD5 of the official files, by name.
  public init(folder: String, digests: [String: String]) {
    self.folder = folder
    self.digests = digests
  }

  /// The first of `folders` that has the file called `name`.
  public static func find(_ name: String, in folders: [String]) -> String? {
    folders.first { FileManager.default.fileExists(atPath: "\($0)/\(name)") }
  }

  /// Where lists may lie beside a dataset's images, the likeliest first.
  public static func places(beside root: String) -> [String] {
    ["", "/Protocol", "/lists", "/..", "/../Protocol", "/../../Protocol", "/../lists"].map {
      root + $0
    }
  }

  /// Whether there is a file called `name`.
  public func has(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(folder)/\(name)")
  }

  /// Reads a list of people.
  ///
  /// - Throws: ``ListError`` when it is not the official one.
  public mutating func people(_ name: String) throws(ListError) -> PeopleList {
    let file = try ListFile("\(folder)/\(name)", md5: digests[name])
    let list = try PeopleList(file)
    try settle(file, name)
    return list
  }

  /// Reads a list of pairs.
  ///
  /// - Parameters:
  ///   - name: the file's name.
  ///   - lostHeader: the first line that some copies have lost.
  ///   - people: how many images everybody has, to find the line of an altered list that is wrong.
  /// - Returns: the list.
  /// - Throws: ``ListError`` when it is not the official one.
  public mutating func pairs(
    _ name: String, lostHeader: String, people: [String: Int]
  ) throws(ListError) -> NamedPairList {
    let file = try ListFile("\(folder)/\(name)", md5: digests[name], lostHeader: lostHeader)
    let list = try NamedPairList(file)
    if file.status != .identical && file.status != .equivalent && !people.isEmpty {
      try list.check(against: people, file)
    }
    try settle(file, name)
    return list
  }

  private mutating func settle(_ file: ListFile, _ name: String) throws(ListError) {
    guard file.status != .different else {
      throw file.failure(
        nil, "every line is well formed, but the list is not the official one: its MD5 is another")
    }
    statuses[name] = file.status
  }
}

/// The samples of a dataset by what lists call them.
public struct ImageIndex: Sendable {
  private struct Key: Hashable {
    let identity: UTF8Key
    let pose: String?
    let number: Int
  }

  /// The dataset.
  public let dataset: String
  private var ids: [Key: Int] = [:]
  private var byIdentity: [UTF8Key: [Int]] = [:]

  /// Whether images of one name and number differ in pose.
  public private(set) var hasPoses = false
  /// Whether images have numbers.
  public var hasNumbers: Bool { !ids.isEmpty }

  /// The samples of the one dataset of a store that follows some official protocols.
  ///
  /// - Parameters:
  ///   - catalog: the store.
  ///   - protocols: whose protocols, as "lfw".
  /// - Throws: ``PairError`` when there is no such dataset or more than one.
  public init(_ catalog: Catalog, following protocols: String) throws(PairError) {
    let records: [DatasetRecord]
    do throws(CatalogError) { records = try catalog.datasetRecords() } catch {
      throw .catalog(error)
    }
    let names = records.filter { $0.protocols == protocols }.map(\.name)
    guard let name = names.first else { throw .noDataset(name: protocols) }
    guard names.count == 1 else { throw .severalDatasets(protocols: protocols, names: names) }
    try self.init(catalog, dataset: name)
  }

  /// The samples of one dataset of a store.
  ///
  /// - Throws: ``PairError`` when it has none, or two that lists would call the same.
  public init(_ catalog: Catalog, dataset: String) throws(PairError) {
    self.dataset = dataset
    var twice: String?
    do throws(CatalogError) {
      try catalog.forEachImage(dataset: dataset) { image in
        byIdentity[UTF8Key(image.identity), default: []].append(image.id)
        guard let number = image.number else { return }
        hasPoses = hasPoses || image.pose != nil
        let key = Key(identity: UTF8Key(image.identity), pose: image.pose, number: number)
        if ids.updateValue(image.id, forKey: key) != nil, twice == nil { twice = image.path }
      }
    } catch { throw .catalog(error) }
    guard !byIdentity.isEmpty else { throw .noDataset(name: dataset) }
    if let twice { throw .ambiguousImage(dataset: dataset, path: twice) }
  }

  /// The sample of an image.
  public func id(_ image: NamedImage, pose: String? = nil) -> Int? {
    ids[Key(identity: UTF8Key(image.name), pose: pose, number: image.number)]
  }

  /// All samples of an identity.
  public func ids(of identity: String) -> [Int] {
    byIdentity[UTF8Key(identity)] ?? []
  }
}

/// Sorts the pairs of a list into those that can be compared and those that cannot.
struct PairResolver {
  private(set) var pairs: [Part: [Pair]] = [:]
  private(set) var missing: [Part: [MissingPair]] = [:]
  private var lost: Set<UTF8Key> = []

  /// The images that are not in the store, sorted.
  var missingImages: [String] { lost.sorted().map(\.text) }

  /// Takes an image that a list names apart from its pairs.
  mutating func add(image path: String, id: Int?) {
    if id == nil { lost.insert(UTF8Key(path)) }
  }

  /// Takes the next pair of a part; `nil` for a sample that is not in the store.
  mutating func add(
    _ part: Part, genuine: Bool, left: (id: Int?, path: String), right: (id: Int?, path: String)
  ) {
    if let left = left.id, let right = right.id {
      pairs[part, default: []].append(Pair(left: left, right: right, genuine: genuine))
      return
    }
    for side in [left, right] where side.id == nil { lost.insert(UTF8Key(side.path)) }
    let number = (pairs[part]?.count ?? 0) + (missing[part]?.count ?? 0) + 1
    missing[part, default: []].append(
      MissingPair(number: number, genuine: genuine, left: left.path, right: right.path))
  }

  /// Refuses missing images, unless they are allowed.
  func check(allowMissing: Bool) throws(PairError) {
    guard !lost.isEmpty && !allowMissing else { return }
    throw .missingImages(
      pairs: missing.values.reduce(0) { $0 + $1.count }, images: missingImages)
  }
}
