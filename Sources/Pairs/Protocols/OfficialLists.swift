import Foundation

/// The official lists of a dataset in one folder, read as they are asked for.
public struct OfficialLists: Sendable {
  /// The folder.
  public let folder: String
  /// The MD5 of the official files, by name.
  private let digests: [String: String]
  /// How every file that was read compares with the official one.
  public private(set) var statuses: [String: ListFile.Status] = [:]

  /// The lists in `folder`.
  ///
  /// - Parameters:
  ///   - folder: where they lie.
  ///   - digests: the MD5 of the official files, by name.
  public init(folder: String, digests: [String: String]) {
    self.folder = folder
    self.digests = digests
  }

  /// The first of `folders` that has the file called `name`.
  public static func find(_ name: String, in folders: [String]) -> String? {
    folders.first { FileManager.default.fileExists(atPath: "\($0)/\(name)") }
  }

  /// Where lists may lie beside a dataset's images, the likeliest first.
  public static func places(beside root: String) -> [String] {
    ["", "/Protocol", "/lists", "/..", "/../Protocol", "/../../Protocol", "/../lists"].map {
      root + $0
    }
  }

  /// Whether there is a file called `name`.
  public func has(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(folder)/\(name)")
  }

  /// Reads a list of people.
  ///
  /// - Throws: ``ListError`` when it is not the official one.
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
  ///   - lostHeader: the first line that some copies have lost.
  ///   - people: how many images everybody has, to find the line of an altered list that is wrong.
  /// - Returns: the list.
  /// - Throws: ``ListError`` when it is not the official one.
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
