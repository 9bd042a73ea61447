/// A request to make a protocol from a store.
public struct ProtocolRequest: Sendable {
  /// The source of the pairs.
  public enum Source: Sendable {
    /// View 1 or View 2 of LFW; if `dropsErrata`, also a second protocol without the wrong labels.
    case lfw(view: Int, dropsErrata: Bool)
    /// An official protocol by name, or a file of the user's own pairs with extension .csv or .txt.
    case named(String)
    /// Pairs drawn after a split by identity; `folds`: the number of folds, instead of train and
    /// test.
    case identitySplit(IdentitySplit, folds: Int?)
    /// Pairs drawn after a split of each person's images.
    case imageSplit(ImageSplit)
    /// The ORL tutorial's split over pairs, which leaks.
    case pairSplit(PairSplit)
    /// All pairs.
    case all
    /// Trials of one-shot recognition among `ways` people.
    case oneShot(ways: Int, trials: Int)
    /// Pairs drawn over all samples.
    case sample
  }

  /// The source of the pairs.
  public let source: Source
  /// The name of the protocol; `nil` for a name derived from the source.
  public var name: String?
  /// The folder of the official lists; `nil` to look next to the images.
  public var lists: String?
  /// Whether pairs whose images are not in the store are skipped and recorded.
  public var allowsMissing = false
  /// The part of a listed training side that validates; `nil` for none.
  public var listedValidation: ListedValidation?
  /// The people and images that drawn protocols use.
  public var selection = SampleSelection()
  /// How pairs are drawn.
  public var draw: ProtocolMaker.Draw
  /// The protocol whose test samples are used; `nil` for the whole store.
  public var within: String?

  /// Creates a request with the defaults.
  public init(_ source: Source, draw: ProtocolMaker.Draw) {
    self.source = source
    self.draw = draw
  }
}
