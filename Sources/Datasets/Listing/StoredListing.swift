import Foundation

/// The images of one folder, listed in a file, so that many tasks need not walk the folder.
///
/// The file has an item for each image, in order. An item is `f` and the bytes of the path; `e`, the
/// bytes and the text of a path that is not UTF-8; or `u`, the text of a folder that cannot be listed
/// and the `errno`. Every part ends with a zero byte, which no path can contain.
public struct StoredListing: Codable, Sendable, Equatable {
  /// The folder.
  public let root: String
  /// The layout: its name, or the path of its manifest.
  public let dataset: String
  /// The pattern of the layout, to detect another manifest of the same name.
  public let pattern: String
  /// The selected pose; `nil` for all.
  public let pose: String?
  /// Number of images.
  public let images: Int
  /// Number of items from one entry of `offsets` to the next.
  public let stride: Int
  /// Where every `stride`-th item begins, in bytes.
  public let offsets: [Int]
  /// The length of the file in bytes.
  public let bytes: Int
}
