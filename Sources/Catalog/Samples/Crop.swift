/// The square cut out of an image, in pixels of the image after orientation.
public struct Crop: Sendable, Equatable {
  /// A detected face.
  public struct Face: Sendable, Equatable {
    /// The left edge of its box; may be outside the image.
    public let left: Int
    /// The upper edge of its box; may be outside the image.
    public let top: Int
    /// The width of its box.
    public let width: Int
    /// The height of its box.
    public let height: Int
    /// The detector's score; larger means more certain.
    public let score: Double

    /// Creates a face.
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
  /// The rotation of the square about its centre that makes the eyes level, in radians.
  public let angle: Double
  /// Number of detected faces; `nil` if no detection was run.
  public let faces: Int?
  /// The selected face; `nil` if there was none.
  public let face: Face?
  /// The landmarks of that face, as JSON `[[x,y],...]` in pixels.
  public let landmarks: String?

  /// Creates a crop.
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
