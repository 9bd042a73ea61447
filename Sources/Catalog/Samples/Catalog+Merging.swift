internal import GRDB

extension Catalog {
  /// Takes over all shards of `part` that this catalog does not have, in one transaction.
  ///
  /// The rows are copied by SQLite from the attached file, in time proportional to their number. The
  /// files of the shards must already be in this store.
  ///
  /// - Parameter part: a store with the same configuration; its catalog is only read.
  /// - Throws: ``CatalogError``; in this case nothing is taken over.
  package func take(_ part: Catalog) throws(CatalogError) {
    try outsideTransaction { database in
      try database.execute(sql: "ATTACH ? AS part", arguments: [part.folder.catalog])
    }
    defer { try? outsideTransaction { try $0.execute(sql: "DETACH part") } }
    try write { database in
      try database.execute(sql: Self.copyOfIdentities)
      try database.execute(
        sql: Self.copyOfRows(facts: part.hasFacts ? Self.facts : Self.noFacts))
      if part.hasFacts {
        try database.execute(sql: Self.copyOfThumbnails)
      }
      try database.execute(
        sql: "DROP TABLE temp.identity_of; DROP TABLE temp.dataset_of; DROP TABLE temp.fresh")
    }
  }

  /// What the rows of the part are called here.
  private static let copyOfIdentities = """
    CREATE TEMP TABLE fresh AS
      SELECT number FROM part.shard WHERE number NOT IN (SELECT number FROM main.shard);
    CREATE TEMP TABLE dataset_of (part INTEGER PRIMARY KEY, here INTEGER NOT NULL);
    INSERT INTO temp.dataset_of
      SELECT theirs.id, ours.id FROM part.dataset AS theirs
      JOIN main.dataset AS ours ON ours.name = theirs.name;
    INSERT OR IGNORE INTO main.identity (dataset, name)
      SELECT d.here, i.name FROM part.identity AS i JOIN temp.dataset_of AS d ON d.part = i.dataset
      ORDER BY i.id;
    CREATE TEMP TABLE identity_of (part INTEGER PRIMARY KEY, here INTEGER NOT NULL);
    INSERT INTO temp.identity_of
      SELECT theirs.id, ours.id FROM part.identity AS theirs
      JOIN temp.dataset_of AS d ON d.part = theirs.dataset
      JOIN main.identity AS ours ON ours.dataset = d.here AND ours.name = theirs.name;
    """

  private static let facts =
    "s.format, s.channels, s.orientation, s.brightness, s.contrast, s.sharpness"
  private static let noFacts = "NULL, NULL, NULL, NULL, NULL, NULL"

  private static func copyOfRows(facts: String) -> String {
    """
    INSERT INTO main.shard (number, dataset, file, sha256, bytes, samples, rejections)
      SELECT s.number, d.here, s.file, s.sha256, s.bytes, s.samples, s.rejections
      FROM part.shard AS s JOIN temp.dataset_of AS d ON d.part = s.dataset
      WHERE s.number IN temp.fresh ORDER BY s.number;
    INSERT INTO main.shard_hash (shard, hashes)
      SELECT shard, hashes FROM part.shard_hash WHERE shard IN temp.fresh ORDER BY shard;
    INSERT INTO main.sample (id, dataset, identity, pose, number, path, sha256, bytes, modified,
        width, height, shard, row, pixels_sha256, perceptual_hash, fiducials,
        format, channels, orientation, brightness, contrast, sharpness)
      SELECT s.id, d.here, i.here, s.pose, s.number, s.path, s.sha256, s.bytes, s.modified,
        s.width, s.height, s.shard, s.row, s.pixels_sha256, s.perceptual_hash, s.fiducials, \(facts)
      FROM part.sample AS s JOIN temp.dataset_of AS d ON d.part = s.dataset
      JOIN temp.identity_of AS i ON i.part = s.identity
      WHERE s.shard IN temp.fresh ORDER BY s.id;
    INSERT INTO main.crop
      SELECT c.* FROM part.crop AS c JOIN part.sample AS s ON s.id = c.sample
      WHERE s.shard IN temp.fresh ORDER BY c.sample;
    INSERT INTO main.rejection (dataset, path, reason, detail, bytes, modified, sha256, shard)
      SELECT d.here, r.path, r.reason, r.detail, r.bytes, r.modified, r.sha256, r.shard
      FROM part.rejection AS r JOIN temp.dataset_of AS d ON d.part = r.dataset
      WHERE r.shard IN temp.fresh;
    """
  }

  private static let copyOfThumbnails = """
    UPDATE main.rejection SET thumbnail = (
        SELECT r.thumbnail FROM part.rejection AS r JOIN temp.dataset_of AS d ON d.part = r.dataset
        WHERE d.here = main.rejection.dataset AND r.path = main.rejection.path)
      WHERE shard IN temp.fresh;
    """
}
