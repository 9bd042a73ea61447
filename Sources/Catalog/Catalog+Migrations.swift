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
      row INTEGER NOT NULL CHECK (row >= 0 AND row < \(shardCapacity)),
      pixels_sha256 TEXT NOT NULL CHECK (length(pixels_sha256) = 64),
      perceptual_hash INTEGER NOT NULL,
      fiducials TEXT,
      CHECK (id = \(shardCapacity) * shard + row),
      UNIQUE (dataset, path)
    ) STRICT;
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

    CREATE TABLE near_duplicate (
      sample INTEGER NOT NULL REFERENCES sample (id),
      earlier INTEGER NOT NULL REFERENCES sample (id),
      distance INTEGER NOT NULL CHECK (distance >= 0),
      correlation REAL NOT NULL,
      PRIMARY KEY (sample, earlier)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE dropped (
      sample INTEGER PRIMARY KEY REFERENCES sample (id),
      duplicate_of INTEGER NOT NULL REFERENCES sample (id)
    ) STRICT;

    CREATE TABLE rejection (
      dataset INTEGER NOT NULL REFERENCES dataset (id),
      path TEXT NOT NULL,
      reason TEXT NOT NULL CHECK (reason IN (
        'unreadable', 'empty', 'not-an-image', 'truncated', 'damaged', 'too-large', 'too-small',
        'unsupported', 'no-face')),
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

  private static let views = """
    CREATE VIEW kept AS
      SELECT * FROM sample WHERE id NOT IN (SELECT sample FROM dropped);

    -- Equal pixels have equal hashes; numbers are compared sooner than digests.
    CREATE VIEW suspect AS
      SELECT * FROM kept WHERE perceptual_hash IN (
        SELECT perceptual_hash FROM sample GROUP BY perceptual_hash HAVING count(*) > 1);

    CREATE VIEW samples AS
      SELECT dataset.name AS dataset, identity.name AS identity, kept.pose AS pose,
        kept.number AS number, kept.path AS path, kept.sha256 AS sha256,
        kept.width AS width, kept.height AS height, shard.file AS shard, kept.row AS row,
        kept.pixels_sha256 AS pixels_sha256, kept.perceptual_hash AS perceptual_hash
      FROM kept
      JOIN dataset ON dataset.id = kept.dataset
      JOIN identity ON identity.id = kept.identity
      JOIN shard ON shard.number = kept.shard;

    CREATE VIEW rejections AS
      SELECT dataset.name AS dataset, rejection.path AS path, rejection.reason AS reason,
        rejection.detail AS detail
      FROM rejection JOIN dataset ON dataset.id = rejection.dataset
      UNION ALL
      SELECT dataset.name, sample.path, 'duplicate', original.path
      FROM dropped
      JOIN sample ON sample.id = dropped.sample
      JOIN sample AS original ON original.id = dropped.duplicate_of
      JOIN dataset ON dataset.id = sample.dataset;

    CREATE VIEW crops AS
      SELECT dataset.name AS dataset, kept.path AS path, crop.left AS left, crop.top AS top,
        crop.side AS side, crop.angle AS angle, crop.faces AS faces,
        crop.face_left AS face_left, crop.face_top AS face_top, crop.face_width AS face_width,
        crop.face_height AS face_height, crop.face_score AS face_score,
        crop.landmarks AS landmarks
      FROM crop JOIN kept ON kept.id = crop.sample JOIN dataset ON dataset.id = kept.dataset;

    CREATE VIEW fiducials AS
      SELECT dataset.name AS dataset, kept.path AS path, kept.fiducials AS points
      FROM kept JOIN dataset ON dataset.id = kept.dataset WHERE kept.fiducials IS NOT NULL;

    CREATE VIEW duplicates AS
      WITH same_file AS (
        SELECT id, min(id) OVER (PARTITION BY sha256) AS earlier FROM suspect
      ), same_pixels AS (
        SELECT id, min(id) OVER (PARTITION BY pixels_sha256) AS earlier FROM suspect
      ), alike AS (
        SELECT 'file' AS kind, id, earlier, 0 AS distance, 1.0 AS correlation
        FROM same_file WHERE id <> earlier
        UNION ALL
        SELECT 'pixels', p.id, p.earlier, 0, 1.0
        FROM same_pixels AS p JOIN same_file AS f ON f.id = p.id
        WHERE p.id <> p.earlier AND f.id = f.earlier
        UNION ALL
        SELECT 'near', sample, earlier, distance, correlation FROM near_duplicate
      )
      SELECT alike.kind AS kind, one_dataset.name AS dataset, one_identity.name AS identity,
        one.path AS path, other_dataset.name AS other_dataset,
        other_identity.name AS other_identity, other.path AS other_path,
        one.identity = other.identity AS same_identity, alike.distance AS distance,
        alike.correlation AS correlation
      FROM alike
      JOIN kept AS one ON one.id = alike.id
      JOIN dataset AS one_dataset ON one_dataset.id = one.dataset
      JOIN identity AS one_identity ON one_identity.id = one.identity
      JOIN kept AS other ON other.id = alike.earlier
      JOIN dataset AS other_dataset ON other_dataset.id = other.dataset
      JOIN identity AS other_identity ON other_identity.id = other.identity;

    CREATE VIEW role_name AS
      SELECT 0 AS role, 'train' AS name UNION ALL SELECT 1, 'validation' UNION ALL SELECT 2, 'test';

    CREATE VIEW pairs AS
      SELECT protocol.name AS protocol, pair.fold AS fold,
        CASE pair.role WHEN 0 THEN 'train' WHEN 1 THEN 'validation' ELSE 'test' END AS role,
        pair.number AS number, pair.genuine AS genuine, left_one.path AS left_path,
        right_one.path AS right_path
      FROM pair
      JOIN protocol ON protocol.id = pair.protocol
      JOIN sample AS left_one ON left_one.id = pair.left_sample
      JOIN sample AS right_one ON right_one.id = pair.right_sample;

    CREATE VIEW missing_pairs AS
      SELECT protocol.name AS protocol, one.fold AS fold, role_name.name AS role,
        one.number AS number, one.genuine AS genuine, one.left_path AS left_path,
        one.right_path AS right_path
      FROM missing_pair AS one
      JOIN protocol ON protocol.id = one.protocol
      JOIN role_name ON role_name.role = one.role;

    CREATE VIEW findings AS
      SELECT protocol.name AS protocol, finding.kind AS kind, finding.fold AS fold,
        finding."left" AS "left", finding."right" AS "right", finding.detail AS detail
      FROM finding JOIN protocol ON protocol.id = finding.protocol;

    CREATE VIEW analyses AS
      SELECT protocol.name AS protocol, role_name.name AS role, analysis.value AS value
      FROM analysis
      JOIN protocol ON protocol.id = analysis.protocol
      JOIN role_name ON role_name.role = analysis.role;
    """
}
