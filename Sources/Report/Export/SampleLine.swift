import Catalog

/// A sample as a JSON line; what a sample does not have is left out.
public struct SampleLine: Encodable {
  /// The picture in an export; `nil` in a list.
  let file: String?
  let dataset: String
  let identity: String
  let pose: String?
  let number: Int?
  let path: String
  let sha256: String
  let pixelsSha256: String
  let perceptualHash: String
  let width: Int
  let height: Int
  let shard: String
  let row: Int
  let faces: Int?
  let faceScore: Double?
  let format: String?
  let channels: Int?
  let orientation: Int?
  let brightness: Double?
  let contrast: Double?
  let sharpness: Double?

  /// Describes a sample and, in an export, the file of its picture.
  public init(_ sample: Sample, file: String? = nil) {
    self.file = file
    dataset = sample.dataset
    identity = sample.identity
    pose = sample.pose
    number = sample.number
    path = sample.path
    sha256 = sample.sha256
    pixelsSha256 = sample.pixelsSHA256
    let hash = String(sample.perceptualHash, radix: 16)
    perceptualHash = String(repeating: "0", count: 16 - hash.count) + hash
    width = sample.width
    height = sample.height
    shard = StoreFolder.shardName(sample.shard)
    row = sample.row
    faces = sample.crop?.faces
    faceScore = sample.crop?.face?.score
    format = sample.facts?.format
    channels = sample.facts?.channels
    orientation = sample.facts?.orientation
    brightness = sample.facts?.brightness
    contrast = sample.facts?.contrast
    sharpness = sample.facts?.sharpness
  }
}
