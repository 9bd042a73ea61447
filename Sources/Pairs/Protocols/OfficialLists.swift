import Foundation

/// The official lists of a dataset in one folder, read on request.
public struct OfficialLists: Sendable {
  /// The folder.
  public let folder: String
  /// The MD5 of the official files, by name.
  private let digests: [String: String]
  /// For every file that was read, how it compares with the official one.
  public private(set) var statuses: [String: ListFile.Status] = [:]

  /// Creates the lists in `folder`.
  ///
  /// - Parameters:
  ///   - folder: the folder of the lists.
  ///   - digests: the MD5 of the official files, by name.
  public init(folder: String, digests: [String: String]) {
    self.folder = folder
    self.digests = digests
  }

  /// The first of `folders` that contains the file `name`.
  public static func find(_ name: String, in folders: [String]) -> String? {
    folders.first { FileManager.default.fileExists(atPath: "\($0)/\(name)") }
  }

  /// The folders next to a dataset's images that may contain lists, most likely first.
  public static func places(beside root: String) -> [String] {
    ["", "/Protocol", "/lists", "/..", "/../Protocol", "/../../Protocol", "/../lists"].map {
      root + $0
    }
  }

  /// Returns true if there is a file called `name`.
  public func has(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(folder)/\(name)")
  }

  /// Reads a list of people.
  ///
  /// - Throws: ``ListError`` if it is not the official one.
  public mutating func people(_ name: String) throws(ListError) -> PeopleList {
    let file = try ListFile("\(folder)/\(name)", md5: digests[name])
    let list = try PeopleList(file)
    try record(file, name)
    return list
  }

  /// Reads a list of pairs.
  ///
  /// - Parameters:
  ///   - name: the file's name.
  ///   - lostHeader: the first line, which is missing in some copies.
  ///   - people: the number of images of each person, used to find the wrong line in an altered
  ///     list.
  /// - Returns: the list.
  /// - Throws: ``ListError`` if it is not the official one.
  public mutating func pairs(
    _ name: String, lostHeader: String, people: [String: Int]
  ) throws(ListError) -> NamedPairList {
    let file = try ListFile("\(folder)/\(name)", md5: digests[name], lostHeader: lostHeader)
    let list = try NamedPairList(file)
    if file.status != .identical && file.status != .equivalent && !people.isEmpty {
      try list.check(against: people, file)
    }
    try record(file, name)
    return list
  }

  private mutating func record(_ file: ListFile, _ name: String) throws(ListError) {
    guard file.status != .different else {
      throw file.failure(
        nil, "every line is well formed, but the list is not the official one: its MD5 is another")
    }
    statuses[name] = file.status
  }
}
