import Catalog
import Randomness

/// The people and images that drawn protocols use.
public struct SampleSelection: Sendable, Equatable {
  /// The smallest number of images of a person; `nil` for any.
  public var minImages: Int?
  /// The largest number of images of a person, chosen at random if there are more; `nil` for all.
  public var imagesPerIdentity: Int?
  /// The seed of the choice.
  public var seed = 0

  /// Creates a selection of everything.
  public init() {}

  /// Returns the selected samples.
  ///
  /// - Throws: ``PairError/emptySelection(minImages:)`` if nobody has enough images.
  public func apply(to table: SampleTable) throws(PairError) -> SampleTable {
    guard minImages != nil || imagesPerIdentity != nil else { return table }
    var wanted: Set<Int> = []
    for identity in table.identities where identity.samples.count >= minImages ?? 1 {
      let count = identity.samples.count
      guard let limit = imagesPerIdentity, count > limit else {
        wanted.formUnion(table.ids[identity.samples])
        continue
      }
      var random = RandomStream(
        seed: seed, "selected images of \(identity.dataset)/\(identity.name)")
      for place in random.distinct(limit, below: count) {
        wanted.insert(table.ids[identity.samples.lowerBound + place])
      }
    }
    guard !wanted.isEmpty else { throw .emptySelection(minImages: minImages ?? 1) }
    return table.restricted(to: wanted)
  }
}
