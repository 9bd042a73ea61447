/// The known name that is most like a mistyped one.
package enum NearestName {
  /// "; did you mean X?", or which names there are when none is near.
  static func hint(_ name: String, among known: [String]) -> String {
    let nearest = known.min { distance(name, $0) < distance(name, $1) }
    guard let nearest, distance(name, nearest) <= max(2, name.count / 3) else {
      return known.isEmpty ? "" : "; there is \(known.joined(separator: ", "))"
    }
    return "; did you mean \(nearest)?"
  }

  /// How many letters have to be changed, added or left out (Levenshtein).
  static func distance(_ one: String, _ other: String) -> Int {
    let other = Array(other)
    var row = Array(0...other.count)
    for (i, letter) in one.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for j in other.indices {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (letter == other[j] ? 0 : 1))
        diagonal = above
      }
    }
    return row[other.count]
  }
}
