/// Why a file did not become a sample: a closed list, so that reports can count by it.
public enum RejectionReason: String, Sendable, CaseIterable, Codable {
  /// The file could not be opened or read.
  case unreadable
  /// The file has no bytes.
  case empty
  /// No decoder knows the format.
  case notAnImage = "not-an-image"
  /// The file ends before its image does.
  case truncated
  /// The image is damaged.
  case damaged
  /// More pixels or bytes than the limit.
  case tooLarge = "too-large"
  /// Fewer pixels than a sample can be made of.
  case tooSmall = "too-small"
  /// A kind of image that cannot become gray or RGB of 8 bits.
  case unsupported
  /// No face was found where one is required.
  case noFace = "no-face"
  /// dlib could not search the image for a face, or could not cut one out.
  case dlibFailed = "dlib-failed"
  /// The layout's pattern finds no name of an identity in the path.
  case noIdentity = "no-identity"
  /// Another sample has the same bytes or pixels, and duplicates were to be dropped.
  case duplicate
}

/// What tells without reading a file that it is still the same.
public struct FileStamp: Sendable, Equatable {
  /// The length in bytes.
  public let bytes: Int
  /// The time of the last modification, in nanoseconds since 1970.
  public let modified: Int

  /// A stamp.
  public init(bytes: Int, modified: Int) {
    self.bytes = bytes
    self.modified = modified
  }
}

/// What a store knows of a file it has seen.
public struct KnownFile: Sendable, Equatable {
  /// Length and time when it was read; `nil` for a file that could not be read.
  public let stamp: FileStamp?
  /// SHA-256 of its bytes; `nil` for a file that could not be read.
  public let sha256: String?
}

/// One stored sample, as the view `samples` shows it.
public struct Sample: Sendable, Equatable {
  /// The sample's number in the store: 1,024 x shard + row.
  public let id: Int
  /// The dataset's name.
  public let dataset: String
  /// The identity's name.
  public let identity: String
  /// The pose, where the dataset tells poses apart.
  public let pose: String?
  /// The number of the image among its identity's, where the name tells it.
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
  /// 64 bits that differ in few places when two samples look alike.
  public let perceptualHash: UInt64
  /// Points of the face that came with the dataset, as JSON `[[x,y],...]` in pixels.
  public let fiducials: String?
  /// What was cut out of the picture; `nil` when all of it was taken.
  public let crop: Crop?

  /// A sample with all that is known of it.
  public init(
    dataset: String, identity: String, pose: String?, number: Int?, path: String, sha256: String,
    file: FileStamp, width: Int, height: Int, shard: Int, row: Int, pixelsSHA256: String,
    perceptualHash: UInt64,
    fiducials: String? = nil, crop: Crop? = nil
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
  }
}

/// The square that was cut out of a picture, in pixels of the picture after orientation.
public struct Crop: Sendable, Equatable {
  /// A face that was found.
  public struct Face: Sendable, Equatable {
    /// The left edge of its box, which may lie outside the picture.
    public let left: Int
    /// The upper edge of its box, which may lie outside the picture.
    public let top: Int
    /// The width of its box.
    public let width: Int
    /// The height of its box.
    public let height: Int
    /// The detector's score; larger is more certain.
    public let score: Double

    /// A face in a box.
    public init(left: Int, top: Int, width: Int, height: Int, score: Double) {
      self.left = left
      self.top = top
      self.width = width
      self.height = height
      self.score = score
    }
  }

  /// The left edge of the square.
  public let left: Int
  /// The upper edge of the square.
  public let top: Int
  /// The side of the square.
  public let side: Int
  /// How far the square was turned about its centre to make the eyes level, in radians.
  public let angle: Double
  /// How many faces were found; `nil` when none were looked for.
  public let faces: Int?
  /// The face that was taken; `nil` when there was none.
  public let face: Face?
  /// The landmarks of that face, as JSON `[[x,y],...]` in pixels.
  public let landmarks: String?

  /// A square with how it was found.
  public init(
    left: Int, top: Int, side: Int, angle: Double = 0, faces: Int? = nil, face: Face? = nil,
    landmarks: String? = nil
  ) {
    self.left = left
    self.top = top
    self.side = side
    self.angle = angle
    self.faces = faces
    self.face = face
    self.landmarks = landmarks
  }
}

/// One file that did not become a sample.
public struct Rejection: Sendable, Equatable, Encodable {
  /// The dataset's name.
  public let dataset: String
  /// The file, relative to the dataset's root.
  public let path: String
  /// Why.
  public let reason: RejectionReason
  /// More words, where there are any.
  public let detail: String
  /// Length and modification time of the file; `nil` when they are not known.
  public let file: FileStamp?
  /// SHA-256 of the file; `nil` when it could not be read.
  public let sha256: String?

  /// A rejection of the file at `path`.
  public init(
    dataset: String, path: String, reason: RejectionReason, detail: String, file: FileStamp? = nil,
    sha256: String? = nil
  ) {
    self.sha256 = sha256
    self.dataset = dataset
    self.path = path
    self.reason = reason
    self.detail = detail
    self.file = file
  }

  private enum CodingKeys: String, CodingKey {
    case dataset, path, reason, detail
  }
}

/// A finished shard, for its row.
public struct ShardRecord: Sendable, Equatable {
  /// Its place in the store.
  public let number: Int
  /// The dataset its samples come from.
  public let dataset: String
  /// SHA-256 of the file.
  public let sha256: String
  /// The length of the file.
  public let byteCount: Int
  /// How many samples it holds.
  public let samples: Int
  /// How many source files were rejected while it was made.
  public let rejections: Int

  /// A shard's row.
  public init(
    number: Int, dataset: String, sha256: String, byteCount: Int, samples: Int, rejections: Int
  ) {
    self.number = number
    self.dataset = dataset
    self.sha256 = sha256
    self.byteCount = byteCount
    self.samples = samples
    self.rejections = rejections
  }
}
