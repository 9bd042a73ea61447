/// Two samples that are identical or look similar.
public struct DuplicatePair: Sendable, Equatable, Codable {
  /// The kind of similarity.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// The files have the same bytes.
    case file
    /// The files differ, but the stored pixels are the same.
    case pixels
    /// The perceptual hashes differ in few bits, and the pixels are strongly correlated.
    case near
  }

  /// One sample of the pair.
  public struct End: Sendable, Equatable, Codable {
    /// The dataset's name.
    public let dataset: String
    /// The identity's name.
    public let identity: String
    /// The file, relative to the dataset's root.
    public let path: String
  }

  /// The kind of similarity.
  public let kind: Kind
  /// The later sample in the store.
  public let later: End
  /// The earlier sample: for `near`, any earlier one; otherwise the first with this file or these
  /// pixels.
  public let earlier: End
  /// Whether both samples belong to the same identity.
  public let sameIdentity: Bool
  /// Number of bits, of 64, in which the perceptual hashes differ; 0 unless the kind is `near`.
  public let distance: Int
  /// The correlation of the pixels, in -1...1; 1 unless the kind is `near`.
  public let correlation: Double
}
