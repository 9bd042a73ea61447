import CommandSupport
import Foundation
import Neural
import Shards
import Train

/// A file of enrolled people: their embeddings, and the network that computed them.
///
/// It is a safetensors file with the tensor `embeddings`, `[N, length]`, and the metadata
/// `identities` and `paths`, JSON arrays, and `weights_sha256`.
struct GalleryFile {
  let rows: EmbeddingRows
  /// The identity of each row.
  let identities: [String]
  /// The file of each row.
  let paths: [String]
  /// SHA-256 of the weights, and of the learned score.
  let weights: String

  /// Writes the file durably.
  func write(to path: String) throws {
    func text(_ names: [String]) throws -> String {
      String(decoding: try JSONEncoder().encode(names), as: UTF8.self)
    }
    try TensorFile(
      metadata: [
        "identities": text(identities), "paths": text(paths), "weights_sha256": weights,
      ],
      tensors: [
        "embeddings": TensorFile.Entry(shape: [rows.count, rows.length], values: rows.values)
      ]
    ).write(to: path)
  }

  /// Reads a file that the same network has written.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - folder: the run that errors name.
  ///   - scorer: `RunFolder.scorerDigest` of the weights and the score that are used.
  ///   - length: the length of an embedding.
  /// - Throws: ``TrainError/badGallery(path:reason:)``.
  init(path: String, run folder: RunFolder, scorer: String, length: Int) throws {
    func failure(_ reason: String) -> TrainError { .badGallery(path: path, reason: reason) }
    let file = try TensorFile(path: path)
    func names(_ key: String) throws -> [String] {
      guard let text = file.metadata[key],
        let names = try? JSONDecoder().decode([String].self, from: Data(text.utf8))
      else { throw failure("it was not written by train enroll") }
      return names
    }
    identities = try names("identities")
    paths = try names("paths")
    weights = file.metadata["weights_sha256"] ?? ""
    guard weights == scorer else {
      throw failure(
        "it was made with other weights or another score than \(folder.path) has now; enroll again")
    }
    guard let tensor = file.tensors["embeddings"], tensor.shape == [identities.count, length],
      paths.count == identities.count, !identities.isEmpty
    else { throw failure("its embeddings do not fit its names") }
    rows = EmbeddingRows(values: tensor.values, length: length)
  }

  init(rows: EmbeddingRows, identities: [String], paths: [String], weights: String) {
    self.rows = rows
    self.identities = identities
    self.paths = paths
    self.weights = weights
  }
}
