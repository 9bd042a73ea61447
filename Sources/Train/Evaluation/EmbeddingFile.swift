import Catalog
import Foundation
import Neural
import Shards

/// Files of embeddings, of this project or of any other.
///
/// - `.safetensors`: the tensor `embeddings`, `[N, length]` of 32- or 64-bit floats, with the samples
///   as the tensor `ids`, `[N]` of integers, or as the metadata `paths`, a JSON array. A file of this
///   project also has the score: the metadata `score` and, for a trained head, its weights.
/// - `.npy`: `[N, length]`; the samples are named by a list of paths, or are all samples of the store
///   in the order of their ids.
/// - `.csv`: the first line names the columns; the first column is `path` or `id`, all others are
///   numbers.
public enum EmbeddingFile {
  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - list: a file with a path on each line, for `.npy`; `nil` for all samples.
  ///   - catalog: the store of the samples.
  ///   - distance: the distance to score with; `nil` for the rule of the file or, without one, cosine.
  /// - Returns: the embeddings with the ids of their samples.
  /// - Throws: ``TrainError/badEmbeddings(path:reason:)``.
  public static func read(
    _ path: String, list: String?, catalog: Catalog, distance: Distance?
  ) throws -> EmbeddingSet {
    var table =
      switch URL(fileURLWithPath: path).pathExtension.lowercased() {
      case "safetensors": try safetensors(path)
      case "npy": EmbeddingTable(rows: try NumpyFile.rows(path), names: .all)
      case "csv": try CSVEmbeddings.table(path)
      default:
        throw TrainError.badEmbeddings(
          path: path, reason: "embeddings are read from .safetensors, .npy and .csv")
      }
    if let list {
      guard case .all = table.names else {
        throw TrainError.badEmbeddings(
          path: path, reason: "it names its samples itself; leave --paths out")
      }
      table = EmbeddingTable(
        rows: table.rows, names: .paths(try lines(list)), rule: table.rule)
    }
    if let row = table.rows.faultyRow {
      throw TrainError.badEmbeddings(
        path: path, reason: "embedding \(row + 1) has a number that is NaN or infinite")
    }
    let ids = try SampleNames(catalog).ids(table.names, count: table.rows.count, file: path)
    let parameters = table.rule?.parameters
    guard (parameters?.weights ?? []).allSatisfy(\.isFinite), parameters?.bias.isFinite ?? true
    else {
      throw TrainError.badEmbeddings(
        path: path, reason: "a weight of its score is NaN or infinite")
    }
    if distance != nil, table.rule?.isOfProjections == true {
      throw TrainError.badEmbeddings(
        path: path,
        reason:
          "its embeddings are projected for a learned score, so a distance of them means "
          + "nothing; leave --distance out")
    }
    let rule = distance.map(ScoreRule.distance) ?? table.rule ?? .distance(.cosine)
    guard rule.length ?? table.rows.length == table.rows.length else {
      throw TrainError.badEmbeddings(
        path: path, reason: "its score has weights for another length of embeddings")
    }
    return EmbeddingSet(table.rows, ids: ids, rule: rule)
  }

  private static func lines(_ path: String) throws -> [String] {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw TrainError.badEmbeddings(path: path, reason: "the list of paths cannot be read as text")
    }
    return text.split(whereSeparator: \.isNewline).map(String.init)
  }

  // MARK: - safetensors

  private static let (embeddings, headWeights, headBias) = (
    "embeddings", "head.weights", "head.bias"
  )

  /// Writes a set durably.
  ///
  /// - Parameters:
  ///   - set: the embeddings.
  ///   - catalog: the store of the samples.
  ///   - path: the file; its name should end in `.safetensors`.
  ///   - facts: further metadata.
  /// - Throws: ``ShardError`` or ``CatalogError``.
  public static func write(
    _ set: EmbeddingSet, catalog: Catalog, to path: String, facts: [String: String]
  ) throws {
    let images = try catalog.images(set.ids)
    let names = set.ids.map { images[$0].map { "\($0.dataset)/\($0.path)" } ?? "" }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    var metadata = facts
    metadata["paths"] = String(decoding: try encoder.encode(names), as: UTF8.self)
    metadata["score"] = set.rule.name
    var tensors = [
      embeddings: TensorFile.Entry(
        shape: [set.rows.count, set.rows.length], values: set.rows.values)
    ]
    let (weights, bias) = set.rule.parameters
    if !weights.isEmpty {
      tensors[headWeights] = TensorFile.Entry(shape: [weights.count], values: weights)
      tensors[headBias] = TensorFile.Entry(shape: [1], values: [bias])
    }
    try TensorFile(metadata: metadata, tensors: tensors).write(to: path)
  }

  private static func safetensors(_ path: String) throws -> EmbeddingTable {
    let file = try SafetensorsFile(path: path)
    guard let tensor = file.header.tensors[embeddings], tensor.shape.count == 2, tensor.shape[1] > 0
    else {
      throw TrainError.badEmbeddings(
        path: path, reason: "it has no tensor \"embeddings\" of two axes")
    }
    let rows = EmbeddingRows(
      values: try floats(embeddings, tensor.type, file), length: tensor.shape[1])
    var names: EmbeddingTable.Names = .all
    if let ids = file.header.tensors["ids"] {
      names = .ids(try integers("ids", ids.type, file))
    } else if let text = file.header.metadata["paths"] {
      guard let paths = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) else {
        throw TrainError.badEmbeddings(
          path: path, reason: "its metadata \"paths\" is no JSON array of texts")
      }
      names = .paths(paths)
    }
    return EmbeddingTable(rows: rows, names: names, rule: try rule(file))
  }

  private static func rule(_ file: SafetensorsFile) throws -> ScoreRule? {
    guard let name = file.header.metadata["score"] else { return nil }
    func values(_ tensor: String) throws -> [Float] {
      guard let type = file.header.tensors[tensor]?.type else { return [] }
      return try floats(tensor, type, file)
    }
    guard
      let rule = ScoreRule(
        name: name, weights: try values(headWeights), bias: try values(headBias))
    else {
      throw TrainError.badEmbeddings(
        path: file.path,
        reason: "the score \"\(name)\" of its metadata is not known, or its weights are missing")
    }
    return rule
  }

  private static func floats(
    _ name: String, _ type: ElementType, _ file: SafetensorsFile
  ) throws -> [Float] {
    switch type {
    case .float32: return try file.withTensor(name) { Numbers.floats($0) }
    case .float64: return try file.withTensor(name) { Numbers.doubles($0).map(Float.init) }
    default:
      throw TrainError.badEmbeddings(
        path: file.path, reason: "its tensor \"\(name)\" is of \(type.rawValue), not F32 or F64")
    }
  }

  private static func integers(
    _ name: String, _ type: ElementType, _ file: SafetensorsFile
  ) throws -> [Int] {
    switch type {
    case .int64: return try file.withTensor(name) { Numbers.array($0, Int64.self).map(Int.init) }
    case .int32: return try file.withTensor(name) { Numbers.array($0, Int32.self).map(Int.init) }
    default:
      throw TrainError.badEmbeddings(
        path: file.path, reason: "its tensor \"\(name)\" is of \(type.rawValue), not I64 or I32")
    }
  }
}

extension ScoreRule {
  /// Whether the embeddings are projected for a learned score.
  var isOfProjections: Bool {
    switch self {
    case .jointBayesian, .knownPeople: true
    case .distance, .weightedDifference, .weightedDistance: false
    }
  }

  /// The name in a file of embeddings.
  public var name: String {
    switch self {
    case .distance(let distance): distance.rawValue
    case .weightedDifference: "weighted-difference"
    case .jointBayesian: "joint-bayesian"
    case .knownPeople: "known-people"
    case .weightedDistance(let distance, _, _): "weighted-\(distance.rawValue)"
    }
  }

  /// The weights and the bias of a trained head or of a learned score; no weights for a distance.
  public var parameters: (weights: [Float], bias: Float) {
    switch self {
    case .distance, .knownPeople: ([], 0)
    case .weightedDifference(let weights, let bias), .jointBayesian(let weights, let bias):
      (weights, bias)
    case .weightedDistance(_, let weight, let bias): ([weight], bias)
    }
  }

  /// The rule of a file; `nil` if the name is unknown or the weights do not fit.
  init?(name: String, weights: [Float], bias: [Float]) {
    if let distance = Distance(rawValue: name) {
      self = .distance(distance)
    } else if name == "weighted-difference", bias.count == 1 {
      self = .weightedDifference(weights: weights, bias: bias[0])
    } else if name == "joint-bayesian", !weights.isEmpty, bias.count == 1 {
      self = .jointBayesian(curvatures: weights, bias: bias[0])
    } else if name == "known-people" {
      self = .knownPeople
    } else if name.hasPrefix("weighted-"), weights.count == 1, bias.count == 1,
      let distance = Distance(rawValue: String(name.dropFirst("weighted-".count)))
    {
      self = .weightedDistance(distance, weight: weights[0], bias: bias[0])
    } else {
      return nil
    }
  }
}
