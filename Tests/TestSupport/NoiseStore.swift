/// A store of pictures of noise, with pairs of disjoint people.
public enum NoiseStore {
  /// The command that makes the store has failed.
  public struct Failure: Error {
    /// What it wrote to standard error.
    public let message: String
  }

  /// Makes the store `out` of `folder`.
  ///
  /// - Parameters:
  ///   - folder: receives the pictures, in `faces`, and the store.
  ///   - pictures: the number of pictures.
  ///   - each: the number of pictures of a person.
  ///   - size: the side of a sample in pixels.
  ///   - options: more arguments of `prep pairs`.
  /// - Throws: ``Failure``.
  public static func make(
    in folder: TemporaryFolder, pictures: Int, each: Int, size: Int, options: [String] = []
  ) throws {
    for number in 0..<pictures {
      try folder.write(
        NoisePicture.pgm(number), to: "faces/person\(number / each)/\(number).pgm")
    }
    let out = folder.file("out")
    for arguments in [
      ["ingest", folder.file("faces"), "--out", out, "--size", "\(size)", "--crop", "center"],
      ["pairs", "--out", out, "--split", "identity"] + options,
    ] {
      let outcome = try Tool.prep.run(all: arguments)
      guard outcome.code == 0 else { throw Failure(message: outcome.error) }
    }
  }
}

/// A recipe that trains in a moment.
public enum SmallRecipe {
  /// The text for samples of `shape`, with `pairs` in an epoch.
  public static func text(
    shape: (width: Int, height: Int, channels: Int), pairs: Int, more: String = ""
  ) -> String {
    """
    name: small
    title: A small tower
    source: Own work
    datasets: [folder]
    samples: {width: \(shape.width), height: \(shape.height), channels: \(shape.channels)}
    \(more)
    sampler: {balanced: {pairs-per-epoch: \(pairs)}}
    tower: [{flatten: {}}, {dense: {units: 16}}]
    loss: {contrastive: {margin: 1}}
    optimizer: {adam: {rate: 0.001}}
    batch: 10
    epochs: 2
    """
  }
}
