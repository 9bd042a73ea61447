/// The names of the files of an export, relative to its folder.
enum ExportedFiles {
  /// The list of the samples, which is written last.
  static let list = "samples.jsonl"

  /// The archive with the samples of a shard, as "samples-000007.tar".
  static func archive(ofShard shard: Int) -> String {
    let digits = String(shard)
    return "samples-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".tar"
  }

  /// The picture of a sample in the form of folders.
  ///
  /// Paths in further folders of a dataset begin with `../`, and no picture may lie outside of the
  /// export. A part `..` becomes `_parent`; a part that is `parent` after underscores gets one more, so
  /// that two samples never share a file. The original's name stays whole for the same reason: a.jpg
  /// and a.png are two pictures.
  static func picture(dataset: String, path: String) -> String {
    // By bytes, as the file system does: to String a slash before a combining mark is no slash.
    let parts = "\(dataset)/\(path)".utf8.split(
      separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return parts.map { escaped(String(decoding: $0, as: UTF8.self)) }.joined(separator: "/")
      + ".png"
  }

  private static let parent = "parent"

  private static func escaped(_ part: String) -> String {
    if part == ".." { return "_\(parent)" }
    let rest = part.drop { $0 == "_" }
    return rest == parent && part != parent ? "_\(part)" : part
  }
}
