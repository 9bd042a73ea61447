import Neural
import Shards

/// Computes embeddings of images that are not in a store.
///
/// A class because it owns a tower's memory.
public final class PixelEmbedder {
  /// The shape of one image.
  public let shape: SampleShape
  /// The score of two embeddings.
  public let rule: ScoreRule
  /// ``RunFolder/scorerDigest`` of the weights and the score that are used.
  public var scorerDigest: String { network.scorerDigest }
  private let network: InferenceNetwork
  private let normalizer: InputNormalizer

  /// Number of images computed at once.
  private static let rows = 16

  /// Loads the network of a run.
  ///
  /// - Throws: ``TrainError``.
  public init(run folder: RunFolder, recipe: Recipe) throws {
    network = try InferenceNetwork(run: folder, recipe: recipe, rows: Self.rows)
    rule = network.rule
    normalizer = try InputNormalizer(
      recipe.normalization ?? .unit, input: recipe.inputShape, rows: Self.rows,
      statistics: network.statistics)
    guard case .image(let height, let width, let channels) = recipe.inputShape else {
      preconditionFailure("the input of a recipe is an image")
    }
    shape = SampleShape(height: height, width: width, channels: channels)
  }

  /// Embeds images.
  ///
  /// - Parameter images: the pixels of each, `[height, width, channel]`, in the shape ``shape``.
  /// - Returns: an embedding for each.
  /// - Throws: ``TrainError``.
  public func embeddings(of images: [[UInt8]]) throws -> EmbeddingRows {
    let tower = network.tower
    let (size, length) = (tower.inputShape.count, tower.embeddingLength)
    var values: [Float] = []
    for start in stride(from: 0, to: images.count, by: tower.rows) {
      let part = images[start..<min(start + tower.rows, images.count)]
      var pixels = part.flatMap(\.self)
      precondition(pixels.count == part.count * size, "every image has the shape of the input")
      values += try tower.embeddings(rows: part.count, averagesFlips: network.averagesFlips) {
        isMirrored in
        pixels.withUnsafeMutableBufferPointer { bytes in
          guard let first = bytes.baseAddress else { return }
          if isMirrored { tower.inputShape.mirror(first, rows: part.count) }
          normalizer.normalize(first, rows: part.count, to: tower.input.start)
        }
      }
    }
    return network.project(EmbeddingRows(values: values, length: length))
  }
}
