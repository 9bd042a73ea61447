import Catalog
import Foundation
import Plots
import Randomness
import Shards

/// The pictures of a dataset page.
///
/// At most ``most`` are given out, of at most ``mostBytes`` as JPEG, so that pictures take at most four
/// megabytes of a page.
final class DatasetPictures {
  /// A picture and its description for readers that do not see it.
  typealias Described = (picture: Picture, description: String)

  /// A mean of samples.
  struct Mean {
    /// The mean.
    let picture: Picture
    /// Which samples.
    let what: String
    /// Number of samples.
    let count: Int
  }

  /// The limit of pictures on a page.
  private static let most = 600
  /// The limit of their bytes as JPEG; Base64 on the page takes a third more.
  private static let mostBytes = 3_000_000
  /// The greatest width of a sample on the page in pixels; twice that of most exhibits.
  private static let width = 112
  /// Number of samples shown, and of samples in a mean.
  private static let (shown, averaged) = (40, 2_000)
  /// Number of originals beside their samples, and the limit of their sides in pixels.
  private static let (originals, originalSide) = (3, 180)

  private let catalog: Catalog
  private let pictures: SamplePictures
  private let images: [(id: Int, pose: String?)]
  private var left = most
  private var bytesLeft = mostBytes

  /// Reads the list of samples.
  ///
  /// - Throws: ``CatalogError``.
  init(_ catalog: Catalog) throws {
    self.catalog = catalog
    pictures = SamplePictures(catalog)
    var images: [(id: Int, pose: String?)] = []
    try catalog.forEachImage { images.append(($0.id, $0.pose)) }
    images.sort { $0.id < $1.id }
    self.images = images
  }

  /// Some samples, chosen by a seed, with the names of their identities.
  func sheet() throws -> [Described] {
    let chosen = Self.chosen(images.map(\.id), Self.shown, "contact sheet")
    let keys = try catalog.images(chosen)
    return try chosen.compactMap { id in
      try picture(id).map { ($0, (keys[id]?.identity ?? "").isolated) }
    }
  }

  /// The mean of up to ``averaged`` samples, of all and, if there are several poses, of each.
  func means() throws -> [Mean] {
    var means = [try mean(images.map(\.id), "all samples")]
    let poses = Set(images.map(\.pose))
    if poses.count > 1 {
      for pose in poses.sorted(by: { $0 ?? "" < $1 ?? "" }) {
        means.append(
          try mean(
            images.filter { $0.pose == pose }.map(\.id),
            pose.map { "the pose \($0.isolated)" } ?? "samples without a pose"))
      }
    }
    return means.compactMap(\.self)
  }

  /// Some originals beside their samples; only files that still are as they were stored.
  func originals() throws -> [(path: String, original: Picture, sample: Picture)] {
    let roots = try catalog.roots()
    var result: [(path: String, original: Picture, sample: Picture)] = []
    for id in Self.chosen(images.map(\.id), 10 * Self.originals, "originals") {
      guard result.count < Self.originals else { break }
      guard let key = try catalog.images([id])[id], let root = roots[key.dataset],
        let data = FileManager.default.contents(atPath: "\(root)/\(key.path)"),
        try catalog.pictureDigests([id])[id]?.file == Digest.sha256([UInt8](data)),
        let original = Picture.decoded([UInt8](data), side: Self.originalSide).flatMap(take),
        let sample = try picture(id)
      else { continue }
      result.append((key.path, original, sample))
    }
    return result
  }

  /// The picture of a sample; `nil` if no more may be shown.
  func picture(_ id: Int) throws -> Picture? {
    guard left > 0 else { return nil }
    return take(try pictures.picture(of: id).shrunk(toWidth: Self.width))
  }

  /// Counts a picture that goes on the page; `nil` if it does not fit any more.
  private func take(_ picture: Picture) -> Picture? {
    let bytes = picture.jpeg.count
    guard left > 0, bytes <= bytesLeft else { return nil }
    left -= 1
    bytesLeft -= bytes
    return picture
  }

  /// The pictures of two files of any datasets; `nil` if one is not there.
  func pair(_ one: String, _ other: String) throws -> [Described]? {
    guard let left = try catalog.id(ofPath: one), let right = try catalog.id(ofPath: other) else {
      return nil
    }
    return try pair(ids: [left, right], names: [one, other])
  }

  /// The pictures of a pair of duplicates; `nil` if one is not there.
  func pair(_ pair: DuplicatePair) throws -> [Described]? {
    let ends = [pair.earlier, pair.later]
    return try self.pair(
      ids: try catalog.ids(of: ends.map { ($0.dataset, $0.path) }), names: ends.map(\.identity))
  }

  private func pair(ids: [Int], names: [String]) throws -> [Described]? {
    guard ids.count == 2, left >= 2 else { return nil }
    let found: [Described] = try zip(ids, names).compactMap { id, name in
      try picture(id).map { ($0, name.isolated) }
    }
    return found.count == 2 ? found : nil
  }

  /// The thumbnails of rejected files.
  func rejected(_ count: Int) throws -> [(path: String, picture: Picture)] {
    try catalog.rejectionThumbnails(limit: count).compactMap { one in
      Picture.decoded(one.jpeg, side: 64).flatMap(take).map { (one.path, $0) }
    }
  }

  private static func chosen(_ ids: [Int], _ count: Int, _ purpose: String) -> [Int] {
    guard ids.count > count else { return ids }
    var random = RandomStream(seed: 0, purpose)
    return random.distinct(count, below: ids.count).sorted().map { ids[$0] }
  }

  private func mean(_ ids: [Int], _ what: String) throws -> Mean? {
    guard left > 0 else { return nil }
    let ids = Self.chosen(ids, Self.averaged, "mean face")
    var sums: [Int] = []
    var shape: Picture?
    for id in ids {
      let picture = try pictures.picture(of: id)
      if sums.isEmpty { sums = [Int](repeating: 0, count: picture.pixels.count) }
      picture.pixels.withUnsafeBufferPointer { pixels in
        sums.withUnsafeMutableBufferPointer { sums in
          for place in pixels.indices { sums[place] += Int(pixels[place]) }
        }
      }
      shape = picture
    }
    guard let shape else { return nil }
    let mean = Picture(
      width: shape.width, height: shape.height, channels: shape.channels,
      pixels: sums.map { UInt8(($0 + ids.count / 2) / ids.count) })
    return take(mean.shrunk(toWidth: 2 * Self.width)).map {
      Mean(picture: $0, what: what, count: ids.count)
    }
  }
}
