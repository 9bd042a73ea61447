/// Something that a run tells while it goes on.
public enum StoreNotice: Sendable {
  /// Another program reads the catalog in a way that holds the run up.
  case waitsForReader
  /// The duplicates are being searched; so many shards of so many are done.
  case searchesDuplicates(done: Int, total: Int)
}
