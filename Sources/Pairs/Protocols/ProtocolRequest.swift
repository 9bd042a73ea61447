/// Which protocol is to be made of a store.
public struct ProtocolRequest: Sendable {
  /// Where its pairs come from.
  public enum Source: Sendable {
    /// View 1 or View 2 of LFW; `dropsErrata`: also a second protocol without wrong labels.
    case lfw(view: Int, dropsErrata: Bool)
    /// An official protocol by name, or a file of the user's own pairs that ends in .csv or .txt.
    case named(String)
    /// Drawn after a split by identity; `folds`: into so many folds instead of train and test.
    case identitySplit(IdentitySplit, folds: Int?)
    /// Drawn after a split of each person's images.
    case imageSplit(ImageSplit)
    /// All pairs.
    case all
    /// Trials of one-shot recognition among `ways` people.
    case oneShot(ways: Int, trials: Int)
    /// Drawn over all samples.
    case sample
  }

  /// Where its pairs come from.
  public let source: Source
  /// Its name; `nil` for one that follows from the source.
  public var name: String?
  /// Where the official lists lie; `nil` to look beside the images.
  public var lists: String?
  /// Whether pairs whose images are not in the store are left out and recorded.
  public var allowsMissing = false
  /// How pairs are drawn.
  public var draw: ProtocolMaker.Draw
  /// Draw among the test samples of this protocol; `nil` for all of the store.
  public var within: String?

  /// A request with the defaults.
  public init(_ source: Source, draw: ProtocolMaker.Draw) {
    self.source = source
    self.draw = draw
  }
}
