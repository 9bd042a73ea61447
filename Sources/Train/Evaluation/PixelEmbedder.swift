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
  private let input: PixelInput

  /// Number of images computed at once.
  private static let rows = 16

  /// Loads the network of a run.
  ///
  /// - Throws: ``TrainError``.
  public init(run folder: RunFolder, recipe: Recipe) throws {
    network = try InferenceNetwork(run: folder, recipe: recipe, rows: Self.rows)
    rule = network.rule
    input = try PixelInput(network, rows: Self.rows)
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
      let pixels = part.flatMap(\.self)
      precondition(pixels.count == part.count * size, "every image has the shape of the input")
      values += try tower.embeddings(rows: part.count, averagesFlips: network.averagesFlips) {
        input.write(pixels, rows: part.count, isMirrored: $0)
      }
    }
    return network.project(EmbeddingRows(values: values, length: length))
  }
}

/// Writes pixels to the input of a network, as its recipe normalises them.
struct PixelInput {
  private let tower: Tower
  private let normalizer: InputNormalizer

  /// Prepares the input of a network, for at most `rows` images at once.
  init(_ network: InferenceNetwork, rows: Int) throws {
    let recipe = network.recipe
    tower = network.tower
    normalizer = try InputNormalizer(
      recipe.normalization ?? .unit, input: recipe.inputShape, rows: rows,
      statistics: network.statistics)
  }

  /// Writes images, `[rows, height, width, channel]`, mirrored left to right if asked.
  func write(_ pixels: [UInt8], rows: Int, isMirrored: Bool) {
    var pixels = pixels
    pixels.withUnsafeMutableBufferPointer { bytes in
      guard let first = bytes.baseAddress else { return }
      if isMirrored { tower.inputShape.mirror(first, rows: rows) }
      normalizer.normalize(first, rows: rows, to: tower.input.start)
    }
  }
}
