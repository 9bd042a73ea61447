import Catalog
import Foundation
import Shards

/// A store in the forms that other tools read.
public struct StoreExport {
  /// A form.
  public enum Form: String, CaseIterable, Sendable {
    /// Tar archives of up to 1,024 samples, each a PNG and a JSON file with one key.
    case webdataset
    /// A PNG for each sample, in the folders of its original, with `_parent` for each `..`.
    case folder
  }

  private let catalog: Catalog
  private let folder: String
  private let pictures: SamplePictures
  private let encoder = JSONEncoder()

  /// Prepares an export into a folder.
  public init(_ catalog: Catalog, to folder: String) {
    self.catalog = catalog
    self.folder = folder
    pictures = SamplePictures(catalog)
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
  }

  /// What was written.
  public struct Summary: Sendable, Equatable {
    /// Number of samples.
    public let samples: Int
    /// Number of files with pictures.
    public let files: Int
    /// Number of files of an earlier export that were removed.
    public let removed: Int
  }

  /// Writes all samples, and last `samples.jsonl` with one line for each.
  ///
  /// Every file appears complete or not at all, and the same store gives the same bytes. Files that
  /// `samples.jsonl` names from an earlier export and that are not written again are removed: whoever
  /// lists the files of the folder would read them.
  ///
  /// - Parameters:
  ///   - form: the form.
  ///   - advance: called after each sample.
  /// - Returns: what was written.
  /// - Throws: ``CatalogError``, ``ShardError``, or an error of the file system.
  public func write(_ form: Form, advance: () -> Void) throws -> Summary {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var lines: [String] = []
    var files: Set<UTF8Key> = []
    for shard in try catalog.shards() {
      let samples = try kept(shard.number)
      guard !samples.isEmpty else { continue }
      switch form {
      case .webdataset:
        lines += try archive(shard.number, samples, advance: advance)
        files.insert(UTF8Key(ExportedFiles.archive(ofShard: shard.number)))
      case .folder:
        for sample in samples {
          let file = ExportedFiles.picture(dataset: sample.dataset, path: sample.path)
          lines.append(try writePicture(sample, file: file))
          files.insert(UTF8Key(file))
          advance()
        }
      }
    }
    // Before the new list is there: only the old one names these files.
    let datasets = Set(try catalog.datasetRecords().map { UTF8Key($0.name) })
    let removed = try EarlierExport(in: folder, datasets: datasets).remove(except: files)
    try DurableFile.write(
      lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n",
      to: "\(folder)/\(ExportedFiles.list)")
    return Summary(samples: lines.count, files: files.count, removed: removed)
  }

  /// The samples of a shard that were neither dropped nor replaced.
  private func kept(_ shard: Int) throws -> [Sample] {
    let samples = try catalog.samples(ofShard: shard)
    let kept = try catalog.keptIds(ofShard: shard)
    return samples.filter { kept.contains($0.id) }
  }

  private func line(_ sample: Sample, file: String) throws -> String {
    String(decoding: try encoder.encode(SampleLine(sample, file: file)), as: UTF8.self)
  }

  private func archive(
    _ shard: Int, _ samples: [Sample], advance: () -> Void
  ) throws -> [String] {
    let name = ExportedFiles.archive(ofShard: shard)
    var archive = try TarArchive(path: "\(folder)/\(name)")
    var lines: [String] = []
    for sample in samples {
      let key = String(format: "%012d", sample.id)
      let line = try line(sample, file: "\(name)/\(key).png")
      try archive.add(Array(line.utf8), name: "\(key).json")
      try archive.add(pictures.picture(of: sample.id).png, name: "\(key).png")
      lines.append(line)
      advance()
    }
    try archive.commit()
    return lines
  }

  private func writePicture(_ sample: Sample, file: String) throws -> String {
    let path = "\(folder)/\(file)"
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
      withIntermediateDirectories: true)
    try DurableFile.write(pictures.picture(of: sample.id).png, to: path)
    return try line(sample, file: file)
  }
}
