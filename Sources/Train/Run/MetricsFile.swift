import Foundation
import Shards

/// The file of metrics, with one line per step.
///
/// Lines are appended and never rewritten.
struct MetricsFile {
  let folder: RunFolder

  /// Creates an empty file.
  func begin() throws {
    try DurableFile.write("", to: folder.metrics)
  }

  /// Appends one line per step and flushes the file to disk.
  func append(_ reports: [StepReport]) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let text = reports.compactMap { try? encoder.encode($0) }
      .map { String(decoding: $0, as: UTF8.self) + "\n" }.joined()
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

  /// Removes the lines after the first `steps`, because those steps will be repeated, and reads the
  /// rest.
  ///
  /// - Throws: ``TrainError`` if the file cannot be read or a line is damaged; the file is then
  ///   unchanged.
  func keep(steps: Int) throws -> [StepReport] {
    let data: Data
    do { data = try Data(contentsOf: URL(fileURLWithPath: folder.metrics)) } catch {
      throw TrainError.badRun(
        folder: folder.path, reason: "\(folder.metrics) cannot be read; nothing was changed")
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    var reports: [StepReport] = []
    var end = 0
    for line in data.split(separator: 0x0A).prefix(steps) {
      guard let report = try? decoder.decode(StepReport.self, from: line) else {
        throw TrainError.badRun(
          folder: folder.path,
          reason:
            "line \(reports.count + 1) of \(folder.metrics) cannot be read; nothing was changed"
        )
      }
      reports.append(report)
      end += line.count + 1
    }
    guard reports.count == steps else {
      throw TrainError.badRun(
        folder: folder.path,
        reason:
          "\(folder.metrics) has \(reports.count) lines, and the checkpoint is at step \(steps)"
      )
    }
    if end < data.count {
      try edit { descriptor throws(ShardError) in
        guard ftruncate(descriptor, off_t(end)) == 0 else { throw failure("truncate") }
      }
    }
    return reports
  }

  private func failure(_ operation: String) -> ShardError {
    .system(operation: operation, path: folder.metrics, code: errno)
  }

  /// Opens the file, changes it and flushes it to disk.
  private func edit(_ change: (Int32) throws(ShardError) -> Void) throws {
    let descriptor = open(folder.metrics, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open") }
    defer { close(descriptor) }
    try change(descriptor)
    guard fsync(descriptor) == 0 else { throw failure("fsync") }
  }
}
