/// Names that may be one person's: the same words in another order, or a letter more or less.
enum NameVariants {
  /// Two names each that are worth a look, by their places in `names`, the smaller first; each once.
  static func pairs(_ names: [String]) -> [(Int, Int)] {
    var byKey: [String: [Int]] = [:]
    for (index, name) in names.enumerated() {
      guard let key = key(name) else { continue }
      byKey[key, default: []].append(index)
    }
    var found: Set<[Int]> = []
    func add(_ group: [Int], _ others: [Int]) {
      for one in group {
        for other in others where one != other { found.insert([one, other].sorted()) }
      }
    }
    for group in byKey.values where group.count > 1 { add(group, group) }
    // Two keys a letter apart become equal when one loses that letter.
    var byShorter: [String: [String]] = [:]
    for key in byKey.keys where key.utf8.count >= shortest {
      for shorter in deletions(key) where byKey[shorter] != nil {
        byShorter[shorter, default: []].append(key)
      }
    }
    for (shorter, longer) in byShorter {
      for key in longer { add(byKey[shorter] ?? [], byKey[key] ?? []) }
    }
    return found.sorted { $0.lexicographicallyPrecedes($1) }.map { ($0[0], $0[1]) }
  }

  /// Shorter names are too often a letter apart by chance.
  private static let shortest = 8

  /// The words of a name in order of the alphabet; `nil` for a name that is not two words or more.
  private static func key(_ name: String) -> String? {
    let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }
    guard words.count >= 2, words.contains(where: { $0.contains(where: \.isLetter) }) else {
      return nil
    }
    return words.sorted().joined(separator: " ")
  }

  private static func deletions(_ key: String) -> Set<String> {
    let bytes = Array(key.utf8)
    var shorter: Set<String> = []
    for index in bytes.indices where isLetter(bytes[index]) {
      var rest = bytes
      rest.remove(at: index)
      shorter.insert(String(decoding: rest, as: UTF8.self))
    }
    return shorter
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }
}
