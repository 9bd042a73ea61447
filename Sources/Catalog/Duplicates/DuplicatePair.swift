/// Two samples that are the same or look alike.
public struct DuplicatePair: Sendable, Equatable, Codable {
  /// How alike they are.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// The files have the same bytes.
    case file
    /// The files differ, the stored pixels do not.
    case pixels
    /// The perceptual hashes differ in few bits and the pixels hardly.
    case near
  }

  /// One end of the pair.
  public struct End: Sendable, Equatable, Codable {
    /// The dataset's name.
    public let dataset: String
    /// The identity's name.
    public let identity: String
    /// The file, relative to the dataset's root.
    public let path: String
  }

  /// How alike they are.
  public let kind: Kind
  /// The later sample in the store.
  public let later: End
  /// The first of its kind in the store; for near ones, any earlier one.
  public let earlier: End
  /// Whether both are of one identity.
  public let sameIdentity: Bool
  /// In how many of 64 bits the perceptual hashes differ; 0 unless near.
  public let distance: Int
  /// The correlation of the pixels, in -1...1; 1 unless near.
  public let correlation: Double
}
