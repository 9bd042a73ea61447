import Catalog
import Plots
import Randomness

/// The pictures of a dataset page: some samples, chosen by a seed, and mean faces.
struct DatasetPictures {
  /// Samples as pictures, with the names of their identities.
  let sheet: [(picture: Picture, description: String)]
  /// The mean of up to ``averaged`` samples, of all and, if there are several poses, of each.
  let means: [(picture: Picture, description: String)]
  private let catalog: Catalog
  private let ids: [Path: Int]

  private struct Path: Hashable {
    let dataset: UTF8Key
    let path: UTF8Key
  }

  /// Number of samples shown, and of samples in a mean.
  private static let (shown, averaged) = (40, 2_000)

  /// Reads the pictures.
  ///
  /// - Parameters:
  ///   - catalog: the store.
  ///   - paths: the samples whose pictures may be asked for later.
  /// - Throws: ``CatalogError`` or ``ShardError``.
  init(_ catalog: Catalog, paths: [DuplicatePair.End]) throws {
    self.catalog = catalog
    let wanted = Set(paths.map { Path(dataset: UTF8Key($0.dataset), path: UTF8Key($0.path)) })
    var images: [(id: Int, pose: String?)] = []
    var ids: [Path: Int] = [:]
    try catalog.forEachImage { image in
      images.append((image.id, image.pose))
      guard !wanted.isEmpty else { return }
      let path = Path(dataset: UTF8Key(image.dataset), path: UTF8Key(image.path))
      if wanted.contains(path) { ids[path] = image.id }
    }
    images.sort { $0.id < $1.id }
    self.ids = ids
    let pictures = SamplePictures(catalog)
    let chosen = Self.chosen(images.map(\.id), Self.shown, "contact sheet")
    let keys = try catalog.images(chosen)
    sheet = try chosen.map { (try pictures.picture(of: $0), keys[$0]?.identity ?? "") }
    var means = [(try Self.mean(images.map(\.id), pictures), "all samples")]
    let poses = Set(images.map(\.pose))
    if poses.count > 1 {
      for pose in poses.sorted(by: { $0 ?? "" < $1 ?? "" }) {
        means.append(
          (
            try Self.mean(images.filter { $0.pose == pose }.map(\.id), pictures),
            pose ?? "without a pose"
          ))
      }
    }
    self.means = means.compactMap { mean, name in mean.map { ($0, name) } }
  }

  /// The picture of a sample that was named to the initialiser; `nil` if it is not there.
  func picture(of end: DuplicatePair.End) throws -> Picture? {
    try ids[Path(dataset: UTF8Key(end.dataset), path: UTF8Key(end.path))].map {
      try SamplePictures(catalog).picture(of: $0)
    }
  }

  private static func chosen(_ ids: [Int], _ count: Int, _ purpose: String) -> [Int] {
    guard ids.count > count else { return ids }
    var random = RandomStream(seed: 0, purpose)
    return random.distinct(count, below: ids.count).sorted().map { ids[$0] }
  }

  private static func mean(_ ids: [Int], _ pictures: SamplePictures) throws -> Picture? {
    let ids = chosen(ids, averaged, "mean face")
    var sums: [Int] = []
    var shape: Picture?
    for id in ids {
      let picture = try pictures.picture(of: id)
      if sums.isEmpty { sums = [Int](repeating: 0, count: picture.pixels.count) }
      for (place, value) in picture.pixels.enumerated() { sums[place] += Int(value) }
      shape = picture
    }
    return shape.map { shape in
      Picture(
        width: shape.width, height: shape.height, channels: shape.channels,
        pixels: sums.map { UInt8(($0 + ids.count / 2) / ids.count) })
    }
  }
}
