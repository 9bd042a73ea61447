/// Names that may be the same person: the same words in another order, one letter added or removed,
/// or, within a dataset, one word in other case or another form of Unicode.
enum NameVariants {
  /// Returns the pairs of similar names as indices into `identities`, smaller index first, without
  /// repeats.
  static func pairs(_ identities: [SampleTable.Identity]) -> [(Int, Int)] {
    var byKey: [String: [Int]] = [:]
    var byWord: [String: [String: [Int]]] = [:]
    for (index, identity) in identities.enumerated() {
      if let key = key(identity.name) {
        byKey[key, default: []].append(index)
      } else if let word = word(identity.name) {
        byWord[identity.dataset, default: [:]][word, default: []].append(index)
      }
    }
    var found: Set<[Int]> = []
    func add(_ group: [Int], _ others: [Int]) {
      for one in group {
        for other in others where one != other { found.insert([one, other].sorted()) }
      }
    }
    for group in byKey.values where group.count > 1 { add(group, group) }
    for words in byWord.values {
      for group in words.values where group.count > 1 { add(group, group) }
    }
    // Two keys that differ by one added letter become equal if that letter is removed.
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

  /// Shorter names too often differ by one letter by chance.
  private static let shortest = 8

  /// The words of a name in alphabetical order; `nil` if the name has fewer than two words.
  private static func key(_ name: String) -> String? {
    let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }
    guard words.count >= 2, words.contains(where: { $0.contains(where: \.isLetter) }) else {
      return nil
    }
    return words.sorted().joined(separator: " ")
  }

  /// A name of one word in lower case; `nil` if it has no letter or several words.
  ///
  /// Strings are equal if they are canonically equivalent, so all forms of Unicode are one key. Two
  /// datasets often count their people alike, as "s1": such names say nothing across datasets.
  private static func word(_ name: String) -> String? {
    let words = name.split { !$0.isLetter && !$0.isNumber }
    guard words.count == 1, name.contains(where: \.isLetter) else { return nil }
    return name.lowercased()
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
