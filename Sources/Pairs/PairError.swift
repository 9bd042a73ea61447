import Catalog

/// Why pairs cannot be made.
public enum PairError: Error, Equatable, Sendable {
  /// The store has no samples.
  case emptyStore
  /// A part of the split has too few identities to form impostor pairs.
  case tooFewIdentities(role: Role, count: Int)
  /// A part has no identity with two samples.
  case noGenuinePairs(role: Role)
  /// More pairs are asked for than exist.
  case tooManyAsked(role: Role, genuine: Bool, asked: Int, existing: Int)
  /// An identity named for one side is not in the store.
  case unknownIdentity(name: String)
  /// The catalog refused.
  case catalog(CatalogError)
}
