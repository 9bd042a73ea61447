extension Catalog {
  /// The name of the migration that added facts about the source images, and corrections.
  static let factsMigration = "facts, corrections, forgotten people"

  /// Its tables and views.
  ///
  /// The views stand here once more as a whole, because a released migration is never edited. The new
  /// columns have no value in rows of earlier versions.
  static let factsAndCorrections = """
    ALTER TABLE sample ADD COLUMN format TEXT;
    ALTER TABLE sample ADD COLUMN channels INTEGER;
    ALTER TABLE sample ADD COLUMN orientation INTEGER;
    ALTER TABLE sample ADD COLUMN brightness REAL;
    ALTER TABLE sample ADD COLUMN contrast REAL;
    ALTER TABLE sample ADD COLUMN sharpness REAL;
    -- A small JPEG of an image that was decoded and rejected.
    ALTER TABLE rejection ADD COLUMN thumbnail BLOB;

    -- What a list of the user changed. It also applies to the sample of a file that is stored again.
    -- `before` is the identity that the path gives.
    CREATE TABLE correction (
      dataset INTEGER NOT NULL REFERENCES dataset (id),
      path TEXT NOT NULL,
      action TEXT NOT NULL CHECK (action IN ('relabel', 'exclude')),
      before TEXT NOT NULL,
      identity TEXT CHECK ((identity IS NULL) = (action = 'exclude')),
      reason TEXT NOT NULL,
      PRIMARY KEY (dataset, path)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE excluded (
      sample INTEGER PRIMARY KEY REFERENCES sample (id)
    ) STRICT;

    -- People who were taken out, by SHA-256 of dataset, line feed and identity, so that the store
    -- does not hold their names.
    CREATE TABLE forgotten (
      sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) = 64)
    ) STRICT, WITHOUT ROWID;

    -- Shards whose rows of forgotten people are still to be overwritten.
    CREATE TABLE unwiped (
      shard INTEGER PRIMARY KEY REFERENCES shard (number)
    ) STRICT;

    DROP VIEW kept;
    CREATE VIEW kept AS
      SELECT * FROM sample WHERE replaced = 0 AND id NOT IN (SELECT sample FROM dropped)
        AND id NOT IN (SELECT sample FROM excluded);

    DROP VIEW samples;
    CREATE VIEW samples AS
      SELECT dataset.name AS dataset, identity.name AS identity, kept.pose AS pose,
        kept.number AS number, kept.path AS path, kept.sha256 AS sha256,
        kept.bytes AS bytes, kept.width AS width, kept.height AS height, shard.file AS shard,
        kept.row AS row,
        kept.pixels_sha256 AS pixels_sha256, kept.perceptual_hash AS perceptual_hash,
        kept.format AS format, kept.channels AS channels, kept.orientation AS orientation,
        kept.brightness AS brightness, kept.contrast AS contrast, kept.sharpness AS sharpness
      FROM kept
      JOIN dataset ON dataset.id = kept.dataset
      JOIN identity ON identity.id = kept.identity
      JOIN shard ON shard.number = kept.shard;

    DROP VIEW rejections;
    CREATE VIEW rejections AS
      SELECT dataset.name AS dataset, rejection.path AS path, rejection.reason AS reason,
        rejection.detail AS detail
      FROM rejection JOIN dataset ON dataset.id = rejection.dataset
      UNION ALL
      SELECT dataset.name, sample.path, 'duplicate', original.path
      FROM dropped
      JOIN sample ON sample.id = dropped.sample
      JOIN sample AS original ON original.id = dropped.duplicate_of
      JOIN dataset ON dataset.id = sample.dataset
      WHERE sample.replaced = 0
      UNION ALL
      SELECT dataset.name, sample.path, 'excluded', correction.reason
      FROM excluded
      JOIN sample ON sample.id = excluded.sample
      JOIN correction ON correction.dataset = sample.dataset AND correction.path = sample.path
      JOIN dataset ON dataset.id = sample.dataset
      WHERE sample.replaced = 0 AND sample.id NOT IN (SELECT sample FROM dropped);

    CREATE VIEW corrections AS
      SELECT dataset.name AS dataset, correction.path AS path, correction.action AS action,
        correction.before AS before, correction.identity AS identity, correction.reason AS reason
      FROM correction JOIN dataset ON dataset.id = correction.dataset;
    """
}
