/// A notice about the progress of a run.
public enum StoreNotice: Sendable {
  /// Another program blocks the run by reading the catalog.
  case waitsForReader
  /// The search for duplicates has finished `done` of `total` shards.
  case searchesDuplicates(done: Int, total: Int)
}
