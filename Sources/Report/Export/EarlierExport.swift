import Catalog
import Foundation
import Shards

/// The files of an earlier export in a folder, as its `samples.jsonl` names them.
struct EarlierExport {
  private let folder: String
  private let files: Set<UTF8Key>

  /// A line of the list, with what decides the name of the file.
  private struct Line: Decodable {
    let file: String
    let dataset: String
    let path: String
    let shard: String

    /// The file with the picture; `nil` if an export would have given it another name.
    ///
    /// A list of another program must not lead to files of the user, and neither must a path that leads
    /// out of the folder.
    var exported: String? {
      let picture = ExportedFiles.picture(dataset: dataset, path: path)
      if UTF8Key(file) == UTF8Key(picture) { return picture }
      guard let number = Int(shard.prefix { $0.isASCII && $0.isNumber }),
        shard == StoreFolder.shardName(number)
      else { return nil }
      let archive = ExportedFiles.archive(ofShard: number)
      return file.hasPrefix("\(archive)/") ? archive : nil
    }
  }

  /// Reads the list of a folder; a folder without one has no files of an earlier export.
  ///
  /// - Parameters:
  ///   - folder: the folder.
  ///   - datasets: the datasets of the store; files of others belong to another store and stay.
  init(in folder: String, datasets: Set<UTF8Key>) {
    self.folder = folder
    let list = FileManager.default.contents(atPath: "\(folder)/\(ExportedFiles.list)") ?? Data()
    let decoder = JSONDecoder()
    var files: Set<UTF8Key> = []
    for bytes in list.split(separator: UInt8(ascii: "\n")) {
      guard let line = try? decoder.decode(Line.self, from: Data(bytes)),
        datasets.contains(UTF8Key(line.dataset)), let file = line.exported
      else { continue }
      files.insert(UTF8Key(file))
    }
    self.files = files
  }

  /// Removes the files that the new export has not written, and folders that become empty.
  ///
  /// - Parameter written: the files of the new export.
  /// - Returns: the number of removed files.
  /// - Throws: ``ShardError`` if a file cannot be removed.
  func remove(except written: Set<UTF8Key>) throws(ShardError) -> Int {
    var count = 0
    for file in files.subtracting(written).sorted() {
      let path = "\(folder)/\(file.text)"
      var status = stat()
      // Something else under the name, as a link or a folder, is the user's.
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      guard unlink(path) == 0 else {
        throw .system(operation: "remove", path: path, code: errno)
      }
      count += 1
      removeEmptyFolders(above: file.text)
    }
    return count
  }

  private func removeEmptyFolders(above file: String) {
    var parts = file.split(separator: "/").dropLast()
    while !parts.isEmpty, rmdir("\(folder)/\(parts.joined(separator: "/"))") == 0 {
      parts.removeLast()
    }
  }
}
