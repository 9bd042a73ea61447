import Catalog
import Datasets
import Foundation
import Imaging
import Shards

/// What all tasks of one ingest share: the images, the configuration and the number of tasks.
public struct IngestListing: Codable, Sendable, Equatable {
  /// SHA-256 over all paths, as ``TaskRecord/listing``.
  public let digest: String
  /// Number of tasks.
  public let tasks: Int
  /// Number of shards of all tasks together.
  public let shards: Int
  /// The listing of each root, in order.
  public let roots: [StoredListing]
  /// The conversion of images to samples.
  public let configuration: SampleConfiguration
  /// The path of the dlib shape predictor; `nil` if there is none.
  public let landmarks: String?

  /// What was asked for, to recognise the same request: roots, layout, pose and limit.
  public let request: [String]

  /// Number of images.
  public var images: Int { roots.reduce(0) { $0 + $1.images } }

  /// Lists the images of `scans` in `folder`.
  ///
  /// The record is written last: a folder without it has no listing.
  ///
  /// - Parameters:
  ///   - scans: the images.
  ///   - datasets: for each scan the name of its layout, or the absolute path of its manifest.
  ///   - configuration: the conversion of images to samples.
  ///   - landmarks: the absolute path of the dlib shape predictor; `nil` if there is none.
  ///   - tasks: number of tasks.
  ///   - limit: number of images, from the first; `nil` for all.
  ///   - request: what was asked for.
  ///   - folder: the folder of the parts; it is created.
  /// - Throws: an error of the folders or the files.
  public init(
    _ scans: [SourceScan], datasets: [String], configuration: SampleConfiguration,
    landmarks: String?, tasks: Int, limit: Int?, request: [String], in folder: PartsFolder
  ) throws {
    try FileManager.default.createDirectory(
      atPath: folder.logs, withIntermediateDirectories: true)
    var left = limit ?? .max
    var (roots, listed): ([StoredListing], [SourceScan]) = ([], [])
    for (number, scan) in scans.enumerated() {
      let listing = try StoredListing(
        scan, dataset: datasets[number], limit: left, stride: Catalog.shardCapacity,
        to: folder.listing(number))
      left -= listing.images
      roots.append(listing)
      // From here on the file is read, so that no folder is walked again.
      var stored = try SourceScan(listing, at: folder.listing(number), manifest: scan.manifest)
      stored.prefix = scan.prefix
      listed.append(stored)
    }
    digest = try ShardPlan.listing(listed, limit: nil)
    self.tasks = tasks
    shards = ShardPlan.size(listed, task: nil, limit: nil).shards
    self.roots = roots
    self.configuration = configuration
    self.landmarks = landmarks
    self.request = request
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try DurableFile.write(Array(encoder.encode(self)), to: folder.record)
  }

  /// Reads the listing in `folder`; `nil` if there is none.
  ///
  /// - Throws: ``DatasetError/badListing(path:)`` if it is damaged.
  public static func read(_ folder: PartsFolder) throws(DatasetError) -> IngestListing? {
    guard let data = FileManager.default.contents(atPath: folder.record) else { return nil }
    guard let listing = try? JSONDecoder().decode(IngestListing.self, from: data) else {
      throw .badListing(path: folder.record)
    }
    return listing
  }

  /// Opens the listing without walking a folder.
  ///
  /// - Parameters:
  ///   - folder: the folder of the parts.
  ///   - manifest: the manifest of a layout's name or path.
  /// - Returns: the scans, in the order of the roots.
  /// - Throws: ``DatasetError`` if a root or the first image of a root is not on this machine.
  public func scans(
    in folder: PartsFolder, manifest: (String) throws -> DatasetManifest
  ) throws -> [SourceScan] {
    try roots.enumerated().map { number, listing in
      let scan = try SourceScan(
        listing, at: folder.listing(number), manifest: try manifest(listing.dataset))
      // A machine that does not see the photographs would reject every one of them.
      guard let first = try scan.firstFile() else { return scan }
      guard access(first, F_OK) == 0 else {
        throw DatasetError.notVisible(
          file: String(decoding: first.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
      }
      return scan
    }
  }

  /// Number of images of task `index`.
  public func images(ofTask index: Int) -> Int {
    var (number, images) = (0, 0)
    for root in roots {
      for start in stride(from: 0, to: root.images, by: Catalog.shardCapacity) {
        if number % tasks == index { images += min(Catalog.shardCapacity, root.images - start) }
        number += 1
      }
    }
    return images
  }
}
