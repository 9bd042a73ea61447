import Catalog

/// Applies a list of corrections to a store.
public enum Correcting {
  /// Applies corrections, all or none, and searches for duplicates again.
  ///
  /// - Throws: ``CatalogError/unknownImage(dataset:path:)``, or an error of the catalog or the disk.
  public static func apply(
    _ corrections: [Correction], to folder: StoreFolder
  ) throws -> CorrectionSummary {
    let writing = try StoreWriting.whole(folder)
    let catalog = writing.catalog
    defer { catalog.finishWriting() }
    let summary = try catalog.apply(corrections)
    try NearDuplicates.refresh(catalog)
    _ = consume writing
    return summary
  }
}
