internal import GRDB

extension Catalog {
  /// The migrations in order.
  ///
  /// A released migration is never edited; changes are added as new migrations. The SQL is literal,
  /// so that a changed constant in the code cannot change a migration.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("format 2") { database in
      try database.execute(sql: tables)
      try database.execute(sql: views)
      try database.execute(sql: "INSERT INTO store (key, value) VALUES ('format', '2')")
    }
    migrator.registerMigration(factsMigration) { try $0.execute(sql: factsAndCorrections) }
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
      root TEXT NOT NULL,
      protocols TEXT
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
      rejections INTEGER NOT NULL CHECK (rejections >= 0),
      searched INTEGER NOT NULL DEFAULT 0 CHECK (searched IN (0, 1))
    ) STRICT;
    CREATE INDEX shard_searched ON shard (searched, number);

    -- The perceptual hashes of a shard's rows, eight bytes each, little-endian, and one bit a row,
    -- the lowest first, that says whether its pixels are the first of their kind. They stand apart
    -- so that those of millions of samples are read in a moment.
    CREATE TABLE shard_hash (
      shard INTEGER PRIMARY KEY REFERENCES shard (number),
      hashes BLOB NOT NULL,
      firsts BLOB
    ) STRICT;

    CREATE TABLE sample (
      id INTEGER PRIMARY KEY,
      dataset INTEGER NOT NULL REFERENCES dataset (id),
      identity INTEGER NOT NULL REFERENCES identity (id),
      pose TEXT,
      number INTEGER,
      path TEXT NOT NULL,
      sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
      bytes INTEGER NOT NULL CHECK (bytes > 0),
      modified INTEGER NOT NULL,
      width INTEGER NOT NULL CHECK (width > 0),
      height INTEGER NOT NULL CHECK (height > 0),
      shard INTEGER NOT NULL REFERENCES shard (number),
      row INTEGER NOT NULL CHECK (row >= 0 AND row < 1024),
      pixels_sha256 TEXT NOT NULL CHECK (length(pixels_sha256) = 64),
      perceptual_hash INTEGER NOT NULL,
      fiducials TEXT,
      replaced INTEGER NOT NULL DEFAULT 0 CHECK (replaced IN (0, 1)),
      CHECK (id = 1024 * shard + row)
    ) STRICT;
    -- A file that was taken in anew leaves its old sample behind, which protocols may name.
    CREATE UNIQUE INDEX sample_path ON sample (dataset, path) WHERE replaced = 0;
    CREATE INDEX sample_replaced ON sample (id) WHERE replaced = 1;
    CREATE INDEX sample_identity ON sample (identity);

    CREATE TABLE crop (
      sample INTEGER PRIMARY KEY REFERENCES sample (id),
      left INTEGER NOT NULL,
      top INTEGER NOT NULL,
      side INTEGER NOT NULL CHECK (side > 0),
      angle REAL NOT NULL,
      faces INTEGER CHECK (faces >= 0),
      face_left INTEGER,
      face_top INTEGER,
      face_width INTEGER,
      face_height INTEGER,
      face_score REAL,
      landmarks TEXT
    ) STRICT;

    -- A sample whose file or pixels are those of an earlier one: the first with these bytes, or else
    -- the first with these pixels.
    CREATE TABLE same_picture (
      sample INTEGER PRIMARY KEY REFERENCES sample (id),
      earlier INTEGER NOT NULL REFERENCES sample (id),
      kind TEXT NOT NULL CHECK (kind IN ('file', 'pixels'))
    ) STRICT;
    CREATE INDEX same_picture_earlier ON same_picture (earlier);

    CREATE TABLE near_duplicate (
      sample INTEGER NOT NULL REFERENCES sample (id),
      earlier INTEGER NOT NULL REFERENCES sample (id),
      distance INTEGER NOT NULL CHECK (distance >= 0),
      correlation REAL NOT NULL,
      PRIMARY KEY (sample, earlier)
    ) STRICT, WITHOUT ROWID;

    CREATE INDEX near_duplicate_earlier ON near_duplicate (earlier);

    -- Pairs that may be near duplicates and could not be compared, because a shard could not be read.
    CREATE TABLE uncompared (
      sample INTEGER NOT NULL REFERENCES sample (id),
      earlier INTEGER NOT NULL REFERENCES sample (id),
      distance INTEGER NOT NULL CHECK (distance >= 0),
      PRIMARY KEY (sample, earlier)
    ) STRICT, WITHOUT ROWID;

    -- Samples that have more near duplicates than are kept.
    CREATE TABLE truncated_search (
      sample INTEGER PRIMARY KEY REFERENCES sample (id)
    ) STRICT;

    CREATE TABLE dropped (
      sample INTEGER PRIMARY KEY REFERENCES sample (id),
      duplicate_of INTEGER NOT NULL REFERENCES sample (id)
    ) STRICT;
    CREATE INDEX dropped_of ON dropped (duplicate_of);

    CREATE TABLE rejection (
      dataset INTEGER NOT NULL REFERENCES dataset (id),
      path TEXT NOT NULL,
      reason TEXT NOT NULL CHECK (reason IN (
        'unreadable', 'empty', 'not-an-image', 'truncated', 'damaged', 'too-large', 'too-small',
        'unsupported', 'no-face', 'dlib-failed', 'no-identity')),
      detail TEXT NOT NULL,
      bytes INTEGER,
      modified INTEGER,
      sha256 TEXT,
      shard INTEGER NOT NULL REFERENCES shard (number),
      PRIMARY KEY (dataset, path)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX rejection_shard ON rejection (shard);

    CREATE TABLE protocol (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE CHECK (name <> ''),
      kind TEXT NOT NULL,
      specification TEXT NOT NULL
    ) STRICT;

    -- A role is 0 for train, 1 for validation, 2 for test.
    CREATE TABLE member (
      protocol INTEGER NOT NULL REFERENCES protocol (id) ON DELETE CASCADE,
      fold INTEGER NOT NULL CHECK (fold >= 0),
      role INTEGER NOT NULL CHECK (role BETWEEN 0 AND 2),
      sample INTEGER NOT NULL,
      PRIMARY KEY (protocol, fold, role, sample)
    ) STRICT, WITHOUT ROWID;

    -- Samples are not declared as references: millions of rows would be looked up one by one, and
    -- samples are never deleted.
    CREATE TABLE pair (
      protocol INTEGER NOT NULL REFERENCES protocol (id) ON DELETE CASCADE,
      fold INTEGER NOT NULL CHECK (fold >= 0),
      role INTEGER NOT NULL CHECK (role BETWEEN 0 AND 2),
      number INTEGER NOT NULL CHECK (number >= 1),
      genuine INTEGER NOT NULL CHECK (genuine IN (0, 1)),
      left_sample INTEGER NOT NULL,
      right_sample INTEGER NOT NULL,
      PRIMARY KEY (protocol, fold, role, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE missing_pair (
      protocol INTEGER NOT NULL REFERENCES protocol (id) ON DELETE CASCADE,
      fold INTEGER NOT NULL CHECK (fold >= 0),
      role INTEGER NOT NULL CHECK (role BETWEEN 0 AND 2),
      number INTEGER NOT NULL CHECK (number >= 1),
      genuine INTEGER NOT NULL CHECK (genuine IN (0, 1)),
      left_path TEXT NOT NULL,
      right_path TEXT NOT NULL,
      PRIMARY KEY (protocol, fold, role, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE finding (
      protocol INTEGER NOT NULL REFERENCES protocol (id) ON DELETE CASCADE,
      number INTEGER NOT NULL CHECK (number >= 1),
      kind TEXT NOT NULL,
      fold INTEGER NOT NULL CHECK (fold >= 0),
      "left" TEXT NOT NULL,
      "right" TEXT NOT NULL,
      detail TEXT NOT NULL,
      PRIMARY KEY (protocol, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE analysis (
      protocol INTEGER NOT NULL REFERENCES protocol (id) ON DELETE CASCADE,
      role INTEGER NOT NULL CHECK (role BETWEEN 0 AND 2),
      value TEXT NOT NULL,
      PRIMARY KEY (protocol, role)
    ) STRICT, WITHOUT ROWID;
    """
}
