/// Finds the known name that is most similar to a mistyped one.
public enum NearestName {
  /// Returns the known name that was probably meant; `nil` if none is similar enough.
  public static func nearest(to name: String, among known: [String]) -> String? {
    let nearest = known.min { distance(name, $0) < distance(name, $1) }
    return nearest.flatMap { distance(name, $0) <= max(2, name.count / 3) ? $0 : nil }
  }

  /// Returns "; did you mean X?", or the list of known names if none is similar enough.
  public static func hint(_ name: String, among known: [String]) -> String {
    guard let nearest = nearest(to: name, among: known) else {
      return known.isEmpty ? "" : "; there is \(known.joined(separator: ", "))"
    }
    return "; did you mean \(nearest)?"
  }

  /// Returns the number of letters to change, insert or delete (Levenshtein distance).
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
