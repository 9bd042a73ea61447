internal import GRDB

extension Catalog {
  /// The migrations in order.
  ///
  /// One that has been released is never edited: what changes is added.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1: samples, rejections, protocols") { database in
      try database.execute(sql: tables)
      try database.execute(sql: views)
      try database.execute(
        sql: "INSERT INTO store (key, value) VALUES ('format', ?)", arguments: [String(format)])
    }
    return migrator
  }

  private static let tables = """
    CREATE TABLE store (
      key TEXT NOT NULL PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE dataset (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE CHECK (name <> ''),
      root TEXT NOT NULL
    ) STRICT;

    CREATE TABLE identity (
      id INTEGER PRIMARY KEY,
      dataset INTEGER NOT NULL REFERENCES dataset (id),
      name TEXT NOT NULL CHECK (name <> ''),
      UNIQUE (dataset, name)
    ) STRICT;

    CREATE TABLE shard (
      number INTEGER PRIMARY KEY CHECK (number >= 0),
      dataset INTEGER NOT NULL REFERENCES dataset (id),
      file TEXT NOT NULL UNIQUE,
      sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
      bytes INTEGER NOT NULL CHECK (bytes > 0),
      samples INTEGER NOT NULL CHECK (samples >= 0),
      rejections INTEGER NOT NULL CHECK (rejections >= 0)
    ) STRICT;

    CREATE TABLE sample (
      id INTEGER PRIMARY KEY,
      dataset INTEGER NOT NULL REFERENCES dataset (id),
      identity INTEGER NOT NULL REFERENCES identity (id),
      pose TEXT,
      number INTEGER,
      path TEXT NOT NULL,
      sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
      width INTEGER NOT NULL CHECK (width > 0),
      height INTEGER NOT NULL CHECK (height > 0),
      shard INTEGER NOT NULL REFERENCES shard (number),
      row INTEGER NOT NULL CHECK (row >= 0 AND row < 2048),
      CHECK (id = 2048 * shard + row),
      UNIQUE (dataset, path)
    ) STRICT;
    CREATE INDEX sample_identity ON sample (identity);
    CREATE INDEX sample_sha256 ON sample (sha256);

    CREATE TABLE rejection (
      dataset INTEGER NOT NULL REFERENCES dataset (id),
      path TEXT NOT NULL,
      reason TEXT NOT NULL CHECK (reason IN (
        'unreadable', 'empty', 'not-an-image', 'damaged', 'too-large', 'too-small', 'unsupported',
        'no-face')),
      detail TEXT NOT NULL,
      shard INTEGER NOT NULL REFERENCES shard (number),
      PRIMARY KEY (dataset, path)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE protocol (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE CHECK (name <> ''),
      kind TEXT NOT NULL,
      specification TEXT NOT NULL
    ) STRICT;

    CREATE TABLE member (
      protocol INTEGER NOT NULL REFERENCES protocol (id) ON DELETE CASCADE,
      fold INTEGER NOT NULL CHECK (fold >= 0),
      role TEXT NOT NULL CHECK (role IN ('train', 'validation', 'test')),
      sample INTEGER NOT NULL REFERENCES sample (id),
      PRIMARY KEY (protocol, fold, role, sample)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE pair (
      protocol INTEGER NOT NULL REFERENCES protocol (id) ON DELETE CASCADE,
      fold INTEGER NOT NULL CHECK (fold >= 0),
      role TEXT NOT NULL CHECK (role IN ('train', 'validation', 'test')),
      number INTEGER NOT NULL CHECK (number >= 1),
      genuine INTEGER NOT NULL CHECK (genuine IN (0, 1)),
      left_sample INTEGER NOT NULL REFERENCES sample (id),
      right_sample INTEGER NOT NULL REFERENCES sample (id),
      PRIMARY KEY (protocol, fold, role, number)
    ) STRICT, WITHOUT ROWID;
    """

  private static let views = """
    CREATE VIEW samples AS
      SELECT dataset.name AS dataset, identity.name AS identity, sample.pose AS pose,
        sample.number AS number, sample.path AS path, sample.sha256 AS sha256,
        sample.width AS width, sample.height AS height, shard.file AS shard, sample.row AS row
      FROM sample
      JOIN dataset ON dataset.id = sample.dataset
      JOIN identity ON identity.id = sample.identity
      JOIN shard ON shard.number = sample.shard;

    CREATE VIEW rejections AS
      SELECT dataset.name AS dataset, rejection.path AS path, rejection.reason AS reason,
        rejection.detail AS detail
      FROM rejection JOIN dataset ON dataset.id = rejection.dataset;

    CREATE VIEW pairs AS
      SELECT protocol.name AS protocol, pair.fold AS fold, pair.role AS role,
        pair.number AS number, pair.genuine AS genuine, left_one.path AS left_path,
        right_one.path AS right_path
      FROM pair
      JOIN protocol ON protocol.id = pair.protocol
      JOIN sample AS left_one ON left_one.id = pair.left_sample
      JOIN sample AS right_one ON right_one.id = pair.right_sample;
    """
}
