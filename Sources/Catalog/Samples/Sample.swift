/// A stored sample, as in the view `samples`.
public struct Sample: Sendable, Equatable {
  /// The sample's number in the store: 1024 x shard + row.
  public let id: Int
  /// The dataset's name.
  public let dataset: String
  /// The identity's name.
  public let identity: String
  /// The pose, if the dataset distinguishes poses.
  public let pose: String?
  /// The number of the image within its identity, if the file name contains it.
  public let number: Int?
  /// The file, relative to the dataset's root.
  public let path: String
  /// SHA-256 of the file's bytes.
  public let sha256: String
  /// Length and modification time of the file.
  public let file: FileStamp
  /// The width of the original in pixels, after orientation.
  public let width: Int
  /// The height of the original in pixels, after orientation.
  public let height: Int
  /// The number of the shard.
  public let shard: Int
  /// The row in the shard's tensor.
  public let row: Int
  /// SHA-256 of the stored pixels.
  public let pixelsSHA256: String
  /// A 64-bit hash; similar images differ in few bits.
  public let perceptualHash: UInt64
  /// The facial landmarks supplied with the dataset, as JSON `[[x,y],...]` in pixels.
  public let fiducials: String?
  /// The square cut out of the image; `nil` if the whole image was used.
  public let crop: Crop?
  /// What was measured of the image; `nil` in stores of an earlier version.
  public let facts: ImageFacts?

  /// Creates a sample with all its properties.
  public init(
    dataset: String, identity: String, pose: String?, number: Int?, path: String, sha256: String,
    file: FileStamp, width: Int, height: Int, shard: Int, row: Int, pixelsSHA256: String,
    perceptualHash: UInt64,
    fiducials: String? = nil, crop: Crop? = nil, facts: ImageFacts? = nil
  ) {
    id = shard * Catalog.shardCapacity + row
    self.dataset = dataset
    self.identity = identity
    self.pose = pose
    self.number = number
    self.path = path
    self.sha256 = sha256
    self.file = file
    self.width = width
    self.height = height
    self.shard = shard
    self.row = row
    self.pixelsSHA256 = pixelsSHA256
    self.perceptualHash = perceptualHash
    self.fiducials = fiducials
    self.crop = crop
    self.facts = facts
  }
}
