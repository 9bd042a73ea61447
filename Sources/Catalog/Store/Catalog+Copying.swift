internal import GRDB

extension Catalog {
  /// Writes a copy of the catalog as one file, in the state of one moment, while others may write.
  ///
  /// - Parameter path: the new file; it must not exist.
  /// - Throws: ``CatalogError``.
  public func copy(to path: String) throws(CatalogError) {
    try outsideTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [path]) }
  }
}
