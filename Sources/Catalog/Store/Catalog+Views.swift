extension Catalog {
  /// The views of format 2; the public ones are described in Documentation/Store.md.
  static let views = """
    CREATE VIEW kept AS
      SELECT * FROM sample WHERE replaced = 0 AND id NOT IN (SELECT sample FROM dropped);

    CREATE VIEW samples AS
      SELECT dataset.name AS dataset, identity.name AS identity, kept.pose AS pose,
        kept.number AS number, kept.path AS path, kept.sha256 AS sha256,
        kept.bytes AS bytes, kept.width AS width, kept.height AS height, shard.file AS shard,
        kept.row AS row,
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
      JOIN dataset ON dataset.id = sample.dataset
      WHERE sample.replaced = 0;

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
      WITH alike AS (
        SELECT kind, sample AS id, earlier, 0 AS distance, 1.0 AS correlation FROM same_picture
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
      SELECT protocol.name AS protocol, pair.fold AS fold, role_name.name AS role,
        pair.number AS number, pair.genuine AS genuine, left_set.name AS left_dataset,
        left_one.path AS left_path, right_set.name AS right_dataset,
        right_one.path AS right_path
      FROM pair
      JOIN protocol ON protocol.id = pair.protocol
      JOIN role_name ON role_name.role = pair.role
      JOIN sample AS left_one ON left_one.id = pair.left_sample
      JOIN dataset AS left_set ON left_set.id = left_one.dataset
      JOIN sample AS right_one ON right_one.id = pair.right_sample
      JOIN dataset AS right_set ON right_set.id = right_one.dataset;

    CREATE VIEW members AS
      SELECT protocol.name AS protocol, member.fold AS fold, role_name.name AS role,
        dataset.name AS dataset, identity.name AS identity, sample.path AS path
      FROM member
      JOIN protocol ON protocol.id = member.protocol
      JOIN role_name ON role_name.role = member.role
      JOIN sample ON sample.id = member.sample
      JOIN dataset ON dataset.id = sample.dataset
      JOIN identity ON identity.id = sample.identity;

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
