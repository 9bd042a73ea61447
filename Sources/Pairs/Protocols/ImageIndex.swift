import Catalog

/// The samples of a dataset by the names that lists use for them.
///
/// Lists name files, so an image whose identity was corrected is known by the identity before.
public struct ImageIndex: Sendable {
  private struct Key: Hashable {
    let identity: UTF8Key
    let pose: String?
    let number: Int
  }

  /// The dataset.
  public let dataset: String
  private let names: ListedNames
  private var ids: [Key: Int] = [:]
  private var byIdentity: [UTF8Key: [Int]] = [:]

  /// Whether there are images of the same name and number that differ in pose.
  public private(set) var hasPoses = false
  /// Whether images have numbers.
  public var hasNumbers: Bool { !ids.isEmpty }

  /// Indexes the samples of the only dataset in a store that has the given official protocols.
  ///
  /// - Parameters:
  ///   - catalog: the store.
  ///   - protocols: the name of the protocols, such as "lfw".
  /// - Throws: ``PairError`` if there is no such dataset or more than one.
  public init(_ catalog: Catalog, following protocols: String) throws {
    let names = try catalog.datasetRecords().filter { $0.protocols == protocols }.map(\.name)
    guard let name = names.first else { throw PairError.noDataset(name: protocols) }
    guard names.count == 1 else {
      throw PairError.severalDatasets(protocols: protocols, names: names)
    }
    try self.init(catalog, dataset: name)
  }

  /// Indexes the samples of one dataset of a store.
  ///
  /// - Throws: ``PairError`` if there are none, or if two have the same name in a list.
  public init(_ catalog: Catalog, dataset: String) throws {
    self.dataset = dataset
    let names = try ListedNames(catalog, dataset: dataset)
    self.names = names
    var twice: String?
    try catalog.forEachImage(dataset: dataset) { image in
      let identity = UTF8Key(names.identity(of: image))
      byIdentity[identity, default: []].append(image.id)
      guard let number = image.number else { return }
      hasPoses = hasPoses || image.pose != nil
      let key = Key(identity: identity, pose: image.pose, number: number)
      if ids.updateValue(image.id, forKey: key) != nil, twice == nil { twice = image.path }
    }
    guard !byIdentity.isEmpty else { throw PairError.noDataset(name: dataset) }
    if let twice { throw PairError.ambiguousImage(dataset: dataset, path: twice) }
  }

  /// The sample of an image.
  public func id(_ image: NamedImage, pose: String? = nil) -> Int? {
    ids[Key(identity: UTF8Key(image.name), pose: pose, number: image.number)]
  }

  /// All samples that lists name by an identity.
  ///
  /// The images of a list's pairs are among the images of its people, corrected or not.
  public func ids(of identity: String) -> [Int] {
    byIdentity[UTF8Key(identity)] ?? []
  }

  /// The identity by which lists name an image of the dataset.
  func identity(of image: ImageKey) -> String { names.identity(of: image) }
}
