import Foundation
import Shards

/// The file of metrics of a run: one JSON line per step and per evaluation.
///
/// It has only what is the same in every run with the same inputs; times are in another file. Lines
/// are appended. Those after the newest checkpoint are removed when the run is resumed, because
/// their steps are repeated.
struct MetricsFile {
  /// The path of the file.
  let path: String

  private static let encoder = {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return encoder
  }()

  private static let decoder = {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }()

  /// A value as one line.
  static func line(_ value: some Encodable) -> String {
    ((try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "") + "\n"
  }

  /// Creates an empty file.
  func begin() throws(ShardError) { try DurableFile.write("", to: path) }

  /// Appends text and flushes the file to disk; the file is created if it is missing.
  func append(_ text: String) throws(ShardError) {
    try edit { descriptor throws(ShardError) in
      var bytes = Array(text.utf8)[...]
      guard lseek(descriptor, 0, SEEK_END) >= 0 else { throw failure("seek in") }
      while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw failure("write") }
        bytes = bytes.dropFirst(count)
      }
    }
  }

  /// Removes everything after the bytes that a checkpoint counted.
  ///
  /// - Parameters:
  ///   - state: the state of the checkpoint.
  ///   - folder: the run's folder.
  /// - Returns: the SHA-256 of the bytes that stay, to be continued.
  /// - Throws: ``TrainError/badRun(folder:reason:)`` if the file cannot be read, is shorter, or has
  ///   other contents; it is then unchanged.
  func keep(_ state: TrainingState, of folder: RunFolder) throws -> Digest.Running {
    func refuse(_ reason: String) -> TrainError {
      .badRun(folder: folder.path, reason: "\(path) \(reason); nothing was changed")
    }
    guard let handle = FileHandle(forReadingAtPath: path), access(path, W_OK) == 0 else {
      throw refuse("cannot be read")
    }
    defer { try? handle.close() }
    var digest = Digest.Running()
    var left = state.metricsBytes
    while left > 0 {
      let piece: Data
      do { piece = try handle.read(upToCount: min(left, 1 << 20)) ?? Data() } catch {
        throw refuse("cannot be read")
      }
      guard !piece.isEmpty else {
        throw refuse(
          "has \(state.metricsBytes - left) bytes, and had \(state.metricsBytes) at the checkpoint")
      }
      piece.withUnsafeBytes { digest.update($0) }
      left -= piece.count
    }
    guard digest.finalize() == state.metricsDigest else {
      throw refuse("has other contents than at the checkpoint")
    }
    try edit { descriptor throws(ShardError) in
      guard ftruncate(descriptor, off_t(state.metricsBytes)) == 0 else {
        throw failure("truncate")
      }
    }
    return digest
  }

  /// Reads the evaluations of the file.
  ///
  /// - Throws: ``TrainError/badRun(folder:reason:)`` for a file or a line that cannot be read.
  static func evaluations(of folder: RunFolder) throws -> [ValidationReport] {
    guard let data = FileManager.default.contents(atPath: folder.metrics) else {
      throw TrainError.badRun(folder: folder.path, reason: "\(folder.metrics) cannot be read")
    }
    let mark = Data("\"evaluated_step\"".utf8)
    return try data.split(separator: 0x0A).enumerated().compactMap { place, line in
      guard line.range(of: mark) != nil else { return nil }
      guard let report = try? decoder.decode(ValidationReport.self, from: line) else {
        throw TrainError.badRun(
          folder: folder.path, reason: "line \(place + 1) of \(folder.metrics) cannot be read")
      }
      return report
    }
  }

  private func failure(_ operation: String) -> ShardError {
    .system(operation: operation, path: path, code: errno)
  }

  /// Opens the file, changes it and flushes it to disk.
  private func edit(_ change: (Int32) throws(ShardError) -> Void) throws(ShardError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure("open") }
    defer { close(descriptor) }
    try change(descriptor)
    guard fsync(descriptor) == 0 else { throw failure("fsync") }
  }
}
