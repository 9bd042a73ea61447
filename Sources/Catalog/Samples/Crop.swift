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
